// Command lines before oclif parses them: values that begin with a dash, and the format of errors.

/** Marks a value that begins with a dash, so that no parser takes it for a flag; no argument of a process can hold it. */
const guard = '\u0000'

/** Flags whose next argument is always their value, even when it begins with a dash. */
const dashed = new Set([
  'sort',
  'select',
  'omit',
  'populate',
  'where',
  'filter',
  'set',
  'reason',
  'confirm',
  'sep',
  'label',
  'after',
  'before',
])

/** A flag as far as argv is concerned. */
export interface FlagShape {
  readonly type: string
  readonly char?: string | undefined
}

/** Guards values such as `-createdAt`, so that `--sort -createdAt` and `--sort=-createdAt` both arrive. */
export function guardValues(argv: readonly string[], flags: Readonly<Record<string, FlagShape>>): string[] {
  const end = argv.indexOf('--')
  const mine = end === -1 ? argv : argv.slice(0, end)
  const guarded: string[] = []
  for (let index = 0; index < mine.length; index++) {
    const word = mine[index] ?? ''
    const { name, value } = flagIn(word, flags)
    if (name === undefined) guarded.push(word)
    else if (value !== undefined) guarded.push(`--${name}`, `${value.startsWith('-') ? guard : ''}${value}`)
    else guarded.push(`--${name}`, ...guardedNext(name, mine, ++index))
  }
  return end === -1 ? guarded : [...guarded, ...argv.slice(end)]
}

/** Takes the guard off a parsed value. */
export function unguarded<T>(value: T): T {
  if (typeof value === 'string') return (value.startsWith(guard) ? value.slice(1) : value) as T
  if (Array.isArray(value)) return value.map(unguarded) as T
  return value
}

/** Takes guards off a text that quotes the command line. */
export function withoutGuards(text: string): string {
  return text.replaceAll(guard, '')
}

/** Says whether a command line asks for output that programs read; known before it parses, for errors in parsing it. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  const mine = end === -1 ? argv : argv.slice(0, end)
  return mine.some((word, index) => {
    if (word === '--json') return true
    if (/^(--output=|-o)(json|ndjson|ejson)$/.test(word)) return true
    return (word === '-o' || word === '--output') && /^(json|ndjson|ejson)$/.test(mine[index + 1] ?? '')
  })
}

interface FlagWord {
  readonly name?: string
  readonly value?: string
}

/** Gives the option that a word names, by its name or its letter, with the value in the same word. */
function flagIn(word: string, flags: Readonly<Record<string, FlagShape>>): FlagWord {
  const [, long, , value] = /^--([^=]+)(=([\s\S]*))?$/.exec(word) ?? []
  if (long !== undefined)
    return flags[long]?.type === 'option' ? { name: long, ...(value === undefined ? {} : { value }) } : {}
  const [, char, , rest] = /^-(\w)(=?)([\s\S]*)$/.exec(word) ?? []
  const name = Object.keys(flags).find(
    candidate => flags[candidate]?.type === 'option' && flags[candidate]?.char === char,
  )
  if (char === undefined || name === undefined) return {}
  return rest === '' ? { name } : { name, value: rest ?? '' }
}

function guardedNext(name: string, argv: readonly string[], index: number): string[] {
  const next = argv[index]
  if (next === undefined) return []
  const isValue = next.startsWith('-') && next !== '-' && dashed.has(name) && !/^--\w/.test(next)
  return [isValue ? guard + next : next]
}
