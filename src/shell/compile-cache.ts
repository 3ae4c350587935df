// Keeps compiled model files in one file of the project's cache folder, found again by the hash of their source.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Turns a source file into a script body. */
export type Compile = (file: string, source: string) => string

/** A compiler that remembers; `keep` writes what is new, once all files are loaded. */
export interface CachedCompiler {
  readonly compile: Compile
  keep(): void
}

/** Wraps a compiler with the cache of the project at `root`. */
export function cached(root: string, compile: Compile): CachedCompiler {
  const file = cacheFile(root, 'models')
  const known = readCache(file)
  const used = new Map<string, string>()
  let isNew = false
  const compileOnce = (path: string, source: string) => {
    const key = hash(`${path}\n${source}`)
    const there = known.get(key)
    const code = there ?? compile(path, source)
    if (there === undefined) isNew = true
    used.set(key, code)
    return code
  }
  const keep = () => {
    if (isNew) writeCache(file, used)
  }
  return { compile: compileOnce, keep }
}

/** Names a file in the cache folder of a project; of the user where the project has no packages. */
export function cacheFile(root: string, kind: 'models' | 'names'): string {
  const modules = join(root, 'node_modules')
  const folder = existsSync(modules)
    ? join(modules, '.cache', 'goose')
    : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'goose')
  return join(folder, `${kind}-${hash(root).slice(0, 12)}.json`)
}

// Another release of this package or of Node may compile differently.
const edition = `1 ${process.version}`

function readCache(file: string): ReadonlyMap<string, string> {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as { edition: string; files: Record<string, string> }
    return content.edition === edition ? new Map(Object.entries(content.files)) : new Map()
  } catch {
    return new Map()
  }
}

/** A cache that cannot be written costs time at the next start, nothing else. */
function writeCache(file: string, used: ReadonlyMap<string, string>): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const temporary = `${file}.${process.pid}`
    writeFileSync(temporary, JSON.stringify({ edition, files: Object.fromEntries(used) }), { mode: 0o600 })
    renameSync(temporary, file)
  } catch {}
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
