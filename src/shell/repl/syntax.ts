// Reads what was typed: a program, an unfinished one, or an error with its place in the text.
import { Script } from 'node:vm'
import { type Program, parse } from 'acorn'

/** Text that is right so far and ends in the middle of something. */
export class Unfinished extends SyntaxError {}

/** Where a syntax error lies. */
export interface Place {
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  readonly text: string
}

/** A text that is a program, with what it says. */
export interface Syntax {
  /** The text that was read: an object at the start of a line is in brackets. */
  readonly text: string
  readonly tree: Program
}

/** Reads a text. Throws `Unfinished`, or the error of the language with its place. */
export function syntaxOf(typed: string): Syntax {
  const text = typed.replace(/^#!/, '//')
  const object = /^\s*\{/.test(text) && !/;\s*$/.test(text) ? read(`(${text.trimEnd()}\n)`) : undefined
  if (object && 'tree' in object) return object
  const found = read(text)
  if ('tree' in found) return found
  if (isUnfinished(found.error, text)) throw new Unfinished(found.error.message)
  throw errorOf(text, found.error)
}

/** Says where a syntax error lies, if it is one of a text that was read. */
export function placeOf(error: unknown): Place | undefined {
  return places.get(error as object)
}

/** Shows the line of an error, with a mark under its column. */
export function markedLine({ text, column }: Place): readonly [line: string, mark: string] {
  const from = column > widest ? column - widest / 2 : 0
  const shown = `${from > 0 ? '…' : ''}${text.slice(from, from + widest)}${text.length > from + widest ? '…' : ''}`
  const before = shown.slice(0, column - 1 - from + (from > 0 ? 1 : 0))
  return [shown, `${before.replace(/[^\t]/g, ' ')}^`]
}

const widest = 160
const places = new WeakMap<object, Place>()

interface ReadError extends SyntaxError {
  readonly pos: number
}

function read(text: string): Syntax | { readonly error: ReadError } {
  try {
    const tree = parse(text, {
      ecmaVersion: 'latest',
      allowAwaitOutsideFunction: true,
      allowImportExportEverywhere: true,
      allowHashBang: true,
    })
    return { text, tree }
  } catch (error) {
    return { error: error as ReadError }
  }
}

function isUnfinished({ message, pos }: ReadError, text: string): boolean {
  if (/^Unterminated (template|comment)/.test(message)) return true
  if (/^Unterminated string/.test(message)) return /\\\r?\n?$/.test(text)
  return /^Unexpected token/.test(message) && pos >= text.trimEnd().length
}

// V8 says better than the parser what is wrong; where it takes the text as something else, the parser's word counts.
function errorOf(text: string, error: ReadError): SyntaxError {
  const told = [text, `(async () => {\n${text}\n})`].map(complaintOf).find(complaint => complaint !== undefined)
  const before = text.slice(0, error.pos).split('\n')
  const found = told ?? {
    error: new SyntaxError(error.message.replace(/ \(\d+:\d+\)$/, '')),
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  }
  places.set(found.error, { line: found.line, column: found.column, text: text.split('\n')[found.line - 1] ?? '' })
  return found.error
}

const file = 'typed'

function complaintOf(code: string, at: number) {
  try {
    new Script(code, { filename: file, lineOffset: -at })
    return undefined
  } catch (thrown) {
    const error = thrown as SyntaxError
    if (/^(await is only|Cannot use import statement|Unexpected token 'export')/.test(error.message)) return undefined
    const [, line = '1'] = /^typed:(-?\d+)/.exec(error.stack ?? '') ?? []
    const mark = error.stack?.split('\n')[2] ?? ''
    return { error: new SyntaxError(error.message), line: Number(line), column: mark.indexOf('^') + 1 }
  }
}
