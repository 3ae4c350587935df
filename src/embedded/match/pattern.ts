// Translates patterns written for PCRE into JavaScript's regular expressions.
import { CommandError } from '../errors.ts'

export interface Translated {
  readonly source: string
  readonly flags: string
}

/** Translates a pattern with the options i, m, s, x; throws for what JavaScript cannot express. */
export function translatePattern(pattern: string, options: string): Translated {
  const inline = /^(\^?)\(\?([imsx]+)\)/.exec(pattern)
  const all = options + (inline?.[2] ?? '')
  const state = { multiline: all.includes('m'), dotAll: all.includes('s'), extended: all.includes('x') }
  const rest = (inline?.[1] ?? '') + pattern.slice(inline?.[0].length ?? 0)
  const source = new Translation(rest, state).source()
  return { source, flags: all.includes('i') ? 'iu' : 'u' }
}

interface Modes {
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly extended: boolean
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  ascii: '\\x00-\\x7f',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: ' \\t\\n\\v\\f\\r',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9a-fA-F',
}

/** JavaScript's \s takes Unicode spaces, PCRE's does not. */
const SPACE = ' \\t\\n\\v\\f\\r'

const ESCAPES: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  a: '\\x07',
  e: '\\x1b',
  h: '[ \\t\\xa0]',
  H: '[^ \\t\\xa0]',
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  R: '(?:\\r\\n|[\\n\\v\\f\\r\\x85\\u2028\\u2029])',
  N: '[^\\n]',
}

const SYNTAX = '^$\\.*+?()[]{}|/'

class Translation {
  readonly pattern: string
  readonly modes: Modes
  at = 0

  constructor(pattern: string, modes: Modes) {
    this.pattern = pattern
    this.modes = modes
  }

  source(): string {
    let source = ''
    while (this.at < this.pattern.length) source += this.next()
    return source
  }

  next(): string {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.at)!)
    this.at += character.length
    if (character === '\\') return this.escape()
    if (character === '[') return this.set()
    if (character === '(') return this.group()
    if (character === '{') return this.brace()
    if (character === '}' || character === ']') return `\\${character}`
    if (character === '.') return this.modes.dotAll ? '[\\s\\S]' : '[^\\n]'
    if (character === '^') return this.modes.multiline ? '(?<=\\n|(?<![\\s\\S]))' : '(?<![\\s\\S])'
    if (character === '$') return this.modes.multiline ? '(?=\\n|(?![\\s\\S]))' : '(?=\\n?(?![\\s\\S]))'
    if ('*+?'.includes(character)) return this.quantifier(character)
    if (this.modes.extended && this.skipsExtended(character)) return ''
    return character === '/' ? '\\/' : character
  }

  skipsExtended(character: string): boolean {
    if (/\s/.test(character)) return true
    if (character !== '#') return false
    const end = this.pattern.indexOf('\n', this.at)
    this.at = end < 0 ? this.pattern.length : end + 1
    return true
  }

  quantifier(character: string): string {
    if (this.pattern[this.at] === '+') throw unsupported('possessive quantifiers')
    return character
  }

  brace(): string {
    const counted = /^\d*(?:,\d*)?\}/.exec(this.pattern.slice(this.at))
    if (!counted || !/^\d/.test(counted[0])) return '\\{'
    this.at += counted[0].length
    return this.quantifier(`{${counted[0]}`)
  }

  escape(): string {
    const character = this.pattern[this.at]
    if (character === undefined) return '\\'
    this.at += 1
    if (character === 'Q') return this.quoted()
    if (character === 'E') return ''
    const known = ESCAPES[character]
    if (known !== undefined) return known
    if (character === 'x') return this.hexadecimal()
    if (/[GKXCug]/.test(character)) throw unsupported(`\\${character}`)
    if (character === 'k') return this.namedReference()
    if (character === 'p' || character === 'P') return this.property(character)
    if (/[bBdDwWtnrfv0-9]/.test(character)) return `\\${character}`
    return SYNTAX.includes(character) ? `\\${character}` : character
  }

  quoted(): string {
    const end = this.pattern.indexOf('\\E', this.at)
    const text = this.pattern.slice(this.at, end < 0 ? undefined : end)
    this.at = end < 0 ? this.pattern.length : end + 2
    return text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')
  }

  hexadecimal(): string {
    const braced = /^\{([0-9a-fA-F]+)\}/.exec(this.pattern.slice(this.at))
    const digits = braced ?? /^([0-9a-fA-F]{0,2})/.exec(this.pattern.slice(this.at))!
    this.at += digits[0].length
    return `\\u{${digits[1] || '0'}}`
  }

  namedReference(): string {
    const name = /^(?:<(\w+)>|'(\w+)'|\{(\w+)\})/.exec(this.pattern.slice(this.at))
    if (!name) throw unsupported('\\k')
    this.at += name[0].length
    return `\\k<${name[1] ?? name[2] ?? name[3]}>`
  }

  property(letter: string): string {
    const name = /^(?:\{(\^?)(\w+)\}|(\w))/.exec(this.pattern.slice(this.at))
    if (!name) throw unsupported(`\\${letter}`)
    this.at += name[0].length
    const negated = (letter === 'P') !== (name[1] === '^')
    const value = name[2] ?? name[3]!
    const script = value.length > 2 && value !== 'Any' ? `Script=${value}` : value
    return `\\${negated ? 'P' : 'p'}{${script}}`
  }

  group(): string {
    const rest = this.pattern.slice(this.at)
    if (!rest.startsWith('?')) return rest.startsWith('*') ? refuse('verbs such as (*UCP)') : '('
    const named = /^\?P?<(\w+)>|^\?'(\w+)'/.exec(rest)
    if (named) return this.taken(named[0], `(?<${named[1] ?? named[2]}>`)
    const back = /^\?P=(\w+)\)/.exec(rest)
    if (back) return this.taken(back[0], `\\k<${back[1]}>`)
    const comment = /^\?#[^)]*\)/.exec(rest)
    if (comment) return this.taken(comment[0], '')
    const plain = /^\?(?::|=|!|<=|<!)/.exec(rest)
    if (plain) return this.taken(plain[0], `(${plain[0]}`)
    throw unsupported(`(${rest.slice(0, 3)}`)
  }

  taken(text: string, translated: string): string {
    this.at += text.length
    return translated
  }

  set(): string {
    let source = this.pattern[this.at] === '^' ? this.taken('^', '[^') : '['
    if (this.pattern[this.at] === ']') source += this.taken(']', '\\]')
    while (this.at < this.pattern.length) {
      const character = String.fromCodePoint(this.pattern.codePointAt(this.at)!)
      this.at += character.length
      if (character === ']') return `${source}]`
      source += this.member(character)
    }
    return source
  }

  member(character: string): string {
    if (character === '\\') return this.memberEscape()
    if (character !== '[') return '^$.*+?(){}|/'.includes(character) ? `\\${character}` : character
    const named = /^:(\^?)(\w+):\]/.exec(this.pattern.slice(this.at))
    const members = named?.[1] === '' ? POSIX[named[2]!] : undefined
    return named && members !== undefined ? this.taken(named[0], members) : '\\['
  }

  memberEscape(): string {
    const character = this.pattern[this.at]
    if (character === undefined) return '\\'
    if (character === '-') return this.taken('-', '\\-')
    if (character === 'b') return this.taken('b', '\\b')
    if (character === 's') return this.taken('s', SPACE)
    if (character === 'h') return this.taken('h', ' \\t\\xa0')
    if (character === 'S') return this.taken('S', '\\S')
    return this.escape()
  }
}

function unsupported(what: string): CommandError {
  return new CommandError(
    'CommandNotSupported',
    `Regular expression is not supported by the embedded database: ${what}`,
  )
}

function refuse(what: string): never {
  throw unsupported(what)
}
