// The lines typed before: kept for each project and connection, for the owner only, and without secrets.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { REPLServer } from 'node:repl'

/** Names the file that holds the lines of a project and a connection. */
export function historyFile(root: string, connection: string): string {
  const folder = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state')
  const project = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join(folder, 'goose', `history-${project}-${connection.replace(/[^\w-]/g, '_')}`)
}

/** Reads and keeps the history of a session; without a place to keep it, the session goes on without. */
export async function keepHistory(server: REPLServer, file: string): Promise<void> {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  await new Promise<void>(resolve => server.setupHistory(file, () => resolve()))
  if (existsSync(file)) chmodSync(file, 0o600)
  server.on('history', (lines: string[]) => {
    if (lines[0] !== undefined && holdsSecret(lines[0])) lines.shift()
  })
}

/** Says whether a line holds what must not be written down: a password, a key, an address with one. */
export function holdsSecret(line: string): boolean {
  return /mongodb(\+srv)?:\/\/[^\s/?#@]*:[^\s/?#]*@|pass(word|wd|phrase)|secret|api_?key|token|GOOSE_KEYS|setKeys|createUser|\bauth\(/i.test(
    line,
  )
}

/** Gives the lines that match, oldest first; `.history /re/` asks for them. */
export function matchingLines(lines: readonly string[], pattern: string): readonly string[] {
  const source = /^\/(.*)\/([a-z]*)$/.exec(pattern.trim())
  const expression = source ? new RegExp(source[1] ?? '', source[2]) : undefined
  const wanted = expression ? (line: string) => expression.test(line) : (line: string) => line.includes(pattern.trim())
  return lines.filter(wanted).toReversed()
}

/** Joins the lines of one entry, as they were typed, so that it comes back as one. */
export function joinEntry(lines: string[], count: number): void {
  if (count < 2 || lines.length < count) return
  const parts = lines.splice(0, count).reverse()
  const isSafe = !parts.some(part => /\/\/|`/.test(part))
  if (isSafe) lines.unshift(parts.map(part => part.trim()).join(' '))
  else lines.unshift(...parts.toReversed())
}
