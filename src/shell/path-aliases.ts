// Imports by the aliases of tsconfig.json: which files `@lib/money` may mean.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

/** Gives the paths that an import may mean by the nearest tsconfig.json, in the order in which they count. */
export function aliasedPaths(file: string, name: string): readonly string[] {
  const { paths, base } = aliasesAround(dirname(file))
  const found = Object.keys(paths)
    .map(pattern => ({ pattern, star: starOf(pattern, name) }))
    .filter(({ star }) => star !== undefined)
    .sort((one, other) => prefixLength(other.pattern) - prefixLength(one.pattern))[0]
  const targets = found ? (paths[found.pattern] ?? []).filter(target => !/\.d\.[mc]?ts$/.test(target)) : []
  const named = targets.map(target => resolve(base.paths, target.replace('*', found?.star ?? '')))
  return [...named, ...(base.url ? [resolve(base.url, name)] : [])]
}

interface Aliases {
  readonly paths: Readonly<Record<string, readonly string[]>>
  /** The folders that paths, and names without an alias, are relative to. */
  readonly base: { readonly paths: string; readonly url?: string }
}

/** Gives what stands for the star of a pattern; the whole name where there is none. */
function starOf(pattern: string, name: string): string | undefined {
  const [before = '', after] = pattern.split('*')
  if (after === undefined) return name === pattern ? '' : undefined
  const fits = name.startsWith(before) && name.endsWith(after) && name.length >= before.length + after.length
  return fits ? name.slice(before.length, name.length - after.length) : undefined
}

function prefixLength(pattern: string): number {
  const star = pattern.indexOf('*')
  return star === -1 ? Number.POSITIVE_INFINITY : star
}

const known = new Map<string, Aliases>()

function aliasesAround(folder: string): Aliases {
  const there = known.get(folder)
  if (there) return there
  const file = ['tsconfig.json', 'jsconfig.json'].map(name => join(folder, name)).find(existsSync)
  const above = dirname(folder)
  const none: Aliases = { paths: {}, base: { paths: folder } }
  const found = file ? aliasesIn(file, new Set()) : above === folder ? none : aliasesAround(above)
  known.set(folder, found)
  return found
}

/** Reads the aliases of a tsconfig.json, or of those it extends. */
function aliasesIn(file: string, seen: ReadonlySet<string>): Aliases {
  const { compilerOptions = {}, extends: parents = [] } = seen.has(file) ? {} : readConfig(file)
  const folder = dirname(file)
  const inherited = [parents]
    .flat()
    .map(parent => parentOf(file, parent))
    .filter(parent => parent !== undefined)
    .reduce<Aliases>((all, parent) => merged(all, aliasesIn(parent, new Set([...seen, file]))), {
      paths: {},
      base: { paths: folder },
    })
  const { baseUrl, paths } = compilerOptions
  const url = baseUrl === undefined ? inherited.base.url : resolve(folder, baseUrl)
  const from = paths ? (url ?? folder) : inherited.base.paths
  return { paths: paths ?? inherited.paths, base: { paths: from, ...(url === undefined ? {} : { url }) } }
}

function merged(one: Aliases, other: Aliases): Aliases {
  return Object.keys(other.paths).length > 0 || other.base.url !== undefined ? other : one
}

function parentOf(file: string, parent: string): string | undefined {
  if (parent.startsWith('.') || parent.startsWith('/')) {
    const path = resolve(dirname(file), parent)
    return [path, `${path}.json`].find(existsSync)
  }
  const { resolve: find } = createRequire(file)
  for (const name of [parent, `${parent}.json`, `${parent}/tsconfig.json`]) {
    try {
      return find(name)
    } catch {}
  }
  return undefined
}

interface Tsconfig {
  readonly extends?: string | readonly string[]
  readonly compilerOptions?: {
    readonly baseUrl?: string
    readonly paths?: Readonly<Record<string, readonly string[]>>
  }
}

// A file that cannot be read has no aliases: whoever compiles it will say what is wrong with it.
function readConfig(file: string): Tsconfig {
  try {
    return JSON.parse(withoutComments(readFileSync(file, 'utf8'))) as Tsconfig
  } catch {
    return {}
  }
}

/** Makes JSON of the JSON with comments and commas at the end that TypeScript reads. */
function withoutComments(text: string): string {
  const keepText = (_: string, quoted: string | undefined) => quoted ?? ''
  return text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, keepText)
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, keepText)
}
