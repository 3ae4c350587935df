// Runs a project's own source files as modules, giving them this process's goose-odm, mongodb and zod.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { GooseError } from '../errors.ts'
import type { Compile } from './compile-cache.ts'
import { aliasedPaths } from './path-aliases.ts'

/** The modules that a project shares with this process, by the name it imports them under. */
export type SharedModules = Readonly<Record<string, () => Promise<object>>>

/** What running a project's files takes. */
export interface ModuleSetting {
  readonly root: string
  readonly compile: Compile
  readonly shared: SharedModules
}

/** Loads files as modules, each once. */
export interface ModuleLoader {
  load(file: string): Promise<Readonly<Record<string, unknown>>>
  /** Loads a file once more, as it is now. */
  fresh(file: string): Promise<Readonly<Record<string, unknown>>>
  /** Imports what a name means to a file in the root of the project. */
  import(name: string): Promise<object>
}

/** Makes a loader for the files of one project. */
export function moduleLoader(setting: ModuleSetting): ModuleLoader {
  const records = new Map<string, Loaded>()
  const shared = new Map<string, Promise<object>>()
  const own = { ...setting, records, sharedRecords: shared }
  return {
    load: file => loadFile(file, own),
    fresh: file => {
      records.delete(file)
      return loadFile(file, own)
    },
    import: name => importFrom(join(setting.root, 'console'), name, own),
  }
}

interface Loaded {
  readonly exports: Record<string, unknown>
  readonly done: Promise<void>
  isRunning: boolean
}

interface Setting extends ModuleSetting {
  readonly records: Map<string, Loaded>
  readonly sharedRecords: Map<string, Promise<object>>
}

async function loadFile(file: string, setting: Setting): Promise<Record<string, unknown>> {
  const there = setting.records.get(file)
  if (there) {
    // Files that import each other see what the other has exported so far, as in any module system.
    if (!there.isRunning) await there.done
    return there.exports
  }
  const module = { exports: {} as Record<string, unknown> }
  const record: Loaded = { exports: module.exports, done: evaluate(file, module, setting), isRunning: true }
  setting.records.set(file, record)
  try {
    await record.done
  } finally {
    record.isRunning = false
  }
  return module.exports
}

type Body = (...parts: readonly unknown[]) => Promise<void>

async function evaluate(file: string, module: { exports: Record<string, unknown> }, setting: Setting): Promise<void> {
  if (extname(file) === '.json') {
    Object.assign(module.exports, { default: JSON.parse(readFileSync(file, 'utf8')) })
    return
  }
  const code = setting.compile(file, readFileSync(file, 'utf8'))
  refuseBroken(file, code, setting.root)
  // Let the record be known before the body runs, for files that import each other.
  await Promise.resolve()
  const body = bodyOf(file, code, setting.root)
  const load = (name: string) => importFrom(file, name, setting)
  const resolveName = (name: string) => pathToFileURL(createRequire(file).resolve(name)).href
  try {
    await body(module.exports, createRequire(file), module, file, dirname(file), load, resolveName)
  } catch (error) {
    throw blamed(error, file, setting.root)
  }
}

function bodyOf(file: string, code: string, root: string): Body {
  const wrapped = `(async function (exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve) {${code}\n})`
  try {
    return new Script(wrapped, { filename: file }).runInThisContext() as Body
  } catch (error) {
    const line = new RegExp(`^${escaped(file)}:(\\d+)`).exec((error as Error).stack ?? '')?.[1]
    throw loadFailed({ file, root, ...(line ? { line: Number(line) } : {}), reason: (error as Error).message }, error)
  }
}

async function importFrom(file: string, name: string, setting: Setting): Promise<object> {
  const shared = setting.shared[name]
  if (shared) return sharedModule(name, shared, setting)
  if (isBuiltin(name)) return createRequire(file)(name) as object
  const path = name.startsWith('file:') ? fileURLToPath(name) : name
  if (!/^\.{0,2}\//.test(path) && !isAbsolute(path)) return namedModule(file, path, setting)
  const found = resolveFile(resolve(dirname(file), path))
  if (found) return loadFile(found, setting)
  const line = lineOfImport(file, name)
  throw loadFailed({
    file,
    root: setting.root,
    ...(line ? { line } : {}),
    reason: `it imports "${name}", and there is no such file`,
  })
}

async function sharedModule(name: string, load: () => Promise<object>, setting: Setting): Promise<object> {
  const there = setting.sharedRecords.get(name)
  if (there) return there
  const opened = load().then(exports => ({ __esModule: true, ...exports }))
  setting.sharedRecords.set(name, opened)
  return opened
}

/** Loads what an alias of tsconfig.json means, a package, or another package of the same repository by its source. */
async function namedModule(file: string, name: string, setting: Setting): Promise<object> {
  const aliased = aliasedPaths(file, name)
    .map(resolveFile)
    .find(found => found !== undefined)
  if (aliased) return loadFile(aliased, setting)
  const resolved = resolvedPackage(file, name, setting.root)
  const isSource = /\.[mc]?tsx?$/.test(resolved)
  return isSource ? loadFile(resolved, setting) : (createRequire(file)(name) as object)
}

function resolvedPackage(file: string, name: string, root: string): string {
  try {
    return createRequire(file).resolve(name)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(name)) throw error
    const line = lineOfImport(file, name)
    const meta = { file, root, ...(line ? { line } : {}), reason: `it imports "${name}", which is not installed` }
    throw loadFailed({ ...meta, hint: packageHint(name) }, error)
  }
}

// What can be no package is an alias that nothing explains.
function packageHint(name: string): string {
  const [, packageName] = /^(@[\w.-]+\/[\w.-]+|[a-z\d][\w.-]*)(?:\/|$)/i.exec(name) ?? []
  return packageName === undefined
    ? 'say in tsconfig.json what it means: compilerOptions.paths'
    : `npm install ${packageName}, or say in tsconfig.json what it means: compilerOptions.paths`
}

const endings = [
  '',
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.js',
  '.mjs',
  '.cjs',
  '.json',
  '/index.ts',
  '/index.js',
  '/index.mjs',
]

/** Finds a file as TypeScript does: with its ending left out, or with the ending of what it compiles to. */
function resolveFile(path: string): string | undefined {
  const source = path.replace(/\.([mc]?)js$/, '.$1ts')
  const candidates = [...endings.map(ending => path + ending), source]
  return candidates.find(candidate => statSync(candidate, { throwIfNoEntry: false })?.isFile())
}

// The compiler answers a file it cannot read with code that says so.
function refuseBroken(file: string, code: string, root: string): void {
  const broken = /^exports\.__JITI_ERROR__ = (\{.*\})/m.exec(code)?.[1]
  if (!broken) return
  const { line, column, message } = JSON.parse(broken) as { line?: number; column?: number; message?: string }
  const reason = `${(message ?? 'syntax error').trim().replace(/[.:]$/, '')}${sourceLine(file, line)}`
  throw loadFailed({
    file,
    root,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    reason,
  })
}

function sourceLine(file: string, line: number | undefined): string {
  const text = line === undefined ? undefined : readFileSync(file, 'utf8').split('\n')[line - 1]?.trim()
  return text ? `: ${text}` : ''
}

/** Says which of the user's lines threw, without the stack. */
function blamed(error: unknown, file: string, root: string): unknown {
  if (error instanceof GooseError && ['MODEL_LOAD_FAILED', 'DUPLICATE_MODEL'].includes(error.code)) return error
  const stack = String((error as Error)?.stack ?? '')
  const frame = new RegExp(`(${escaped(root)}[^\\s():]*|${escaped(file)}):(\\d+):\\d+`).exec(stack)
  const where = frame?.[1] && frame[2] ? { file: frame[1], line: Number(frame[2]) } : { file }
  const reason = error instanceof Error ? error.message : `it threw ${String(error)}`
  const hint = error instanceof GooseError ? error.hint : undefined
  return loadFailed({ ...where, root, reason, ...(hint ? { hint } : {}) }, error)
}

interface LoadFailure {
  readonly file: string
  readonly root: string
  readonly line?: number
  readonly column?: number
  readonly reason: string
  readonly hint?: string
}

/** Makes the error of a file that cannot be loaded, with the place in it. */
export function loadFailed(failure: LoadFailure, cause?: unknown): GooseError {
  const { file, root, line, column, reason, hint = 'correct this file; `goose models` tries it again' } = failure
  const position = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`
  const inside = relative(root, file)
  const shown = inside.startsWith('..') || isAbsolute(inside) ? file : inside
  return new GooseError(
    'MODEL_LOAD_FAILED',
    { file: shown, position, reason, hint },
    cause === undefined ? {} : { cause },
  )
}

function lineOfImport(file: string, name: string): number | undefined {
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  const index = lines.findIndex(line => line.includes(`'${name}'`) || line.includes(`"${name}"`))
  return index === -1 ? undefined : index + 1
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
