// The layout, as a test: rooms, doors, cycles, sizes, names and first lines.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/** room -> rooms it may import; a file directly in src/ is its own room */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'error-table.ts': [],
  'errors.ts': ['error-table.ts'],
  models: ['errors.ts'],
  embedded: [],
  runtime: ['models', 'errors.ts'],
  operations: ['runtime', 'models', 'errors.ts'],
  shell: ['operations', 'runtime', 'models', 'errors.ts'],
  commands: ['shell', 'operations', 'runtime', 'models', 'errors.ts'],
  integrations: ['operations', 'runtime', 'models', 'errors.ts'],
  'index.ts': ['operations', 'runtime', 'models', 'errors.ts'],
}

/** the only crossings a room table cannot say, each by a dynamic import */
const doors = new Set([
  'runtime/connection.ts -> embedded/index.ts',
  'shell/load-models.ts -> index.ts', // model files get this process's copy of goose-odm, mongodb and zod
])

/** floors of the embedded database, lowest first: a file imports from its own floor and those below */
const floors: readonly (readonly [name: string, files: RegExp])[] = [
  ['errors', /^errors\.ts$/],
  ['bytes', /^(bson|wire)\//],
  ['what data means', /^(values|match|project|update|json-schema|aggregate|keys|planning)\//],
  ['what a server holds', /^(store|sessions|operation|query|writes)\//],
  ['what a client may ask', /^commands\//],
  ['how a client is served', /^(server\/|index\.ts$)/],
]

/** npm package -> the files allowed to import it, so that replacing one is one diff */
const packages: Readonly<Record<string, RegExp>> = {
  mongodb: /^(index\.ts|(models|runtime|operations|embedded|shell)\/)/, // all but runtime: BSON types only
  zod: /^(index\.ts$|models\/|runtime\/|integrations\/|shell\/(prompts\/|load-models\.ts$))/,
  lmdb: /^embedded\/store\/(store|tables)\.ts$/,
  '@oclif/core': /^(commands\/|shell\/(command|flags|help|main)\.ts$)/,
  '@mongodb-js/shell-bson-parser': /^shell\/input\.ts$/,
  acorn: /^shell\/repl\//,
  inquirer: /^shell\/prompts\//,
  chalk: /^shell\/output\/style\.ts$/,
  'cli-table3': /^shell\/output\/table\.ts$/,
  jiti: /^shell\/load-models\.ts$/,
  '@opentelemetry/api': /^runtime\/tracing\.ts$/,
  fastify: /^integrations\/fastify(-\w+)?\.ts$/,
}

/** folders and files that say nothing about the domain */
const emptyNames = /^(utils?|helpers?|common|types|interfaces|lib|misc|shared|manager|service|factory|base)(\.\w+)?$/

const name = (file: string) => relative(src, file).split(sep).join('/')
const room = (file: string) => name(file).split('/')[0]!
const read = (file: string) => readFileSync(file, 'utf8')
const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => ending.test(file) && !/(^|\/)(node_modules|\.)/.test(file))
    .map(file => join(folder, file))
const sources = filesIn(src, /\.ts$/)
const specifiers = (file: string) =>
  [
    ...read(file).matchAll(
      /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
    ),
  ].map(match => (match[1] ?? match[2])!)
const ours = (file: string) =>
  specifiers(file)
    .filter(specifier => specifier.startsWith('.'))
    .map(specifier => resolve(dirname(file), specifier))
const theirs = (file: string) =>
  specifiers(file)
    .filter(specifier => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .map(specifier =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    )
const floor = (file: string) => {
  const path = relative(join(src, 'embedded'), file).split(sep).join('/')
  const named = floors.findIndex(([, files]) => files.test(path))
  return named === -1 ? floors.length : named // a file without a floor may not be imported
}

describe.each(sources.map(file => [name(file), file] as const))('%s', (path, file) => {
  test('imports only the rooms below it', () => {
    const crossings = ours(file).filter(to => room(to) !== room(file) && !rooms[room(file)]?.includes(room(to)))
    expect(crossings.map(to => `${path} -> ${name(to)}`).filter(crossing => !doors.has(crossing))).toEqual([])
  })

  test('imports npm packages only through their door', () => {
    expect(theirs(file).filter(specifier => !packages[specifier]?.test(path))).toEqual([])
  })

  test('says in its first line what it is for, and stays under 300 lines', () => {
    expect(read(file).split('\n', 1)[0]).toMatch(/^\/\/ [A-Z].{8,110}[.]$/)
    expect(read(file).trimEnd().split('\n').length).toBeLessThanOrEqual(300)
  })

  test('is named after the domain, in kebab-case', () => {
    expect(path).toMatch(/^[a-z0-9/.-]+$/)
    expect(path.split('/').filter(part => emptyNames.test(part))).toEqual([])
  })

  if (room(file) !== 'embedded') return
  test('imports nothing above its floor of the embedded database', () => {
    const upwards = ours(file).filter(to => floor(to) > floor(file))
    expect(
      upwards.map(to => `${path} (${floors[floor(file)]?.[0]}) -> ${name(to)} (${floors[floor(to)]?.[0]})`),
    ).toEqual([])
  })
})

test('every crossing by a door is a dynamic import, so that it costs nothing until it is needed', () => {
  for (const door of doors) {
    const [from, to] = door.split(' -> ') as [string, string]
    const specifier = relative(dirname(join(src, from)), join(src, to))
      .split(sep)
      .join('/')
    expect(read(join(src, from))).toMatch(new RegExp(`import\\(['"]${specifier.replaceAll('.', '\\.')}['"]\\)`))
  }
})

test('no import cycle', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) throw new Error([...path, file].map(name).join(' -> '))
    if (done.has(file)) return
    for (const next of ours(file)) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of sources) visit(file, [])
  expect(done.size).toBe(sources.length)
})

test.each(['scripts', 'bench', 'examples'])('each program in %s says in its first line what it is for', folder => {
  const silent = filesIn(join(root, folder), /\.(ts|mjs)$/)
    .filter(file => !basename(file).endsWith('.d.ts'))
    .filter(file => !/^(#!.*\n)?\/\/ [A-Z].{8,110}[.]\n/.test(read(file)))
  expect(silent.map(file => relative(root, file))).toEqual([])
})

test('ARCHITECTURE.md lists every file of src with its first line', () => {
  expect(() => execFileSync(process.execPath, [join(root, 'scripts/architecture.mjs'), '--check'])).not.toThrow()
})
