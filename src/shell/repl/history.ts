// What was typed before: whole entries, kept for each project and connection, for the owner only, without secrets.
import { createHash } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Names the file that holds the entries of a project and a connection. */
export function historyFile(root: string, connection: string): string {
  const folder = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state')
  const project = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join(folder, 'goose', `history-${project}-${connection.replace(/[^\w-]/g, '_')}`)
}

/** How many entries are kept. */
export const mostEntries = 1000

/** The entries of a session, and those before it; `lines` is what the arrow keys go through, newest first. */
export class History {
  readonly #lines: string[]
  readonly #file: string

  /** Reads what was kept; without a place to keep it, the session goes on without. */
  constructor(lines: string[], file: string) {
    this.#lines = lines
    this.#file = file
    lines.push(...quietly(() => keptIn(file), []))
  }

  get entries(): readonly string[] {
    return this.#lines
  }

  /** Keeps the line that was typed last. */
  keepTyped(): void {
    this.keep(this.#lines[0] ?? '')
  }

  /** Makes one entry of the lines that were typed for it, and keeps it; one with a secret is forgotten instead. */
  keep(code: string): void {
    const entry = code.trimEnd()
    if (entry === '') return
    const isSecret = holdsSecret(entry)
    if (isSecret || entry.includes('\n')) {
      const at = withdraw(this.#lines, entry)
      if (!isSecret && this.#lines[at] !== entry) this.#lines.splice(at, 0, entry)
    }
    if (!isSecret) quietly(() => appendFileSync(this.#file, `${JSON.stringify(entry)}\n`, { mode: 0o600 }), undefined)
  }
}

/** Says whether an entry holds what must not be written down: a password, a key, an address with one. */
export function holdsSecret(entry: string): boolean {
  return /mongodb(\+srv)?:\/\/[^\s/?#@]*:[^\s/?#]*@|pass(word|wd|phrase)|secret|api_?key|token|GOOSE_KEYS|setKeys|createUser|\bauth\(/i.test(
    entry,
  )
}

/** Gives the entries that match, oldest first; `.history /re/` asks for them. */
export function matchingLines(lines: readonly string[], pattern: string): readonly string[] {
  const source = /^\/(.*)\/([a-z]*)$/.exec(pattern.trim())
  const expression = source ? new RegExp(source[1] ?? '', source[2]) : undefined
  const wanted = expression
    ? (line: string) => line.search(expression) >= 0
    : (line: string) => line.includes(pattern.trim())
  return lines.filter(wanted).toReversed()
}

/** Takes the lines of an entry out, wherever what was typed ahead has pushed them; gives their place. */
function withdraw(lines: string[], entry: string): number {
  const typed = entry
    .split('\n')
    .filter((line, at, all) => line.trim() !== '' && line !== all[at - 1])
    .reverse()
  const at = lines.indexOf(typed[0] ?? '')
  if (at === -1 || !typed.every((line, place) => lines[at + place] === line)) return 0
  lines.splice(at, typed.length)
  return at
}

function keptIn(file: string): readonly string[] {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (!existsSync(file)) return []
  chmodSync(file, 0o600)
  const kept = readFileSync(file, 'utf8').split('\n').flatMap(entryOf)
  const last = kept.slice(-mostEntries)
  if (kept.length > 2 * mostEntries) replace(file, last)
  return last.reverse()
}

// A line that was cut off is no entry.
function entryOf(line: string): readonly string[] {
  const entry: unknown = quietly(() => JSON.parse(line), undefined)
  return typeof entry === 'string' ? [entry] : []
}

function replace(file: string, entries: readonly string[]): void {
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, entries.map(entry => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 })
  renameSync(fresh, file)
}

function quietly<T>(act: () => T, otherwise: T): T {
  try {
    return act()
  } catch {
    return otherwise
  }
}
