// Finds the model files of a project by a glob of folders, `*`, `**` and `{a,b}`.
import { readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Where models lie when nothing says so. */
export const defaultGlobs = ['models/**/*.{ts,mts,cts,js,mjs,cjs}', 'src/models/**/*.{ts,mts,cts,js,mjs,cjs}'] as const

/** Gives the files under `root` that match any of the globs, in order of their names. */
export function modelFiles(root: string, globs: readonly string[]): readonly string[] {
  const found = new Set(globs.flatMap(glob => matches(root, glob)))
  return [...found].sort()
}

const skipped = /(^|\/)node_modules\/|\.d\.[mc]?ts$|\.(test|spec)\.[mc]?[jt]s$/

function matches(root: string, glob: string): readonly string[] {
  const tidy = glob.split(sep).join('/').replace(/^\.\//, '')
  const fixed = fixedPart(tidy)
  const start = tidy.startsWith('/') ? fixed : join(root, fixed)
  const pattern = globPattern(tidy)
  return walk(start).filter(file => {
    const name = tidy.startsWith('/') ? file : relative(root, file).split(sep).join('/')
    return pattern.test(name) && !skipped.test(name)
  })
}

/** The folders before the first wildcard, so that no more than needed is read. */
function fixedPart(glob: string): string {
  const wild = glob.search(/[*?{[]/)
  return wild === -1 ? glob : glob.slice(0, glob.lastIndexOf('/', wild) + 1)
}

function walk(path: string): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return []
  if (!stats.isDirectory()) return [path]
  const entries = readdirSync(path, { withFileTypes: true })
  return entries.flatMap(entry => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return []
    return entry.isDirectory() ? walk(join(path, entry.name)) : [join(path, entry.name)]
  })
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\{[^}]*\}|[.+^$()|[\]\\]/g, piece => {
    if (piece === '**/') return '(?:[^/]+/)*'
    if (piece === '**') return '.*'
    if (piece === '*') return '[^/]*'
    if (piece === '?') return '[^/]'
    if (piece.startsWith('{')) return `(?:${piece.slice(1, -1).split(',').map(escaped).join('|')})`
    return escaped(piece)
  })
  return new RegExp(`^${source}$`)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
