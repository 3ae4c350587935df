// The privileges that docs/deployment.md asks for are those of the commands that are sent: no fewer, and no more.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BSON } from 'mongodb'
import { beforeAll, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/deployment.md'), 'utf8')
const [, table = ''] = page.split('<!-- privileges')
const rows = new Map(
  [...table.matchAll(/^\| `(.+)$/gm)].map(([, line = '']) => [line.split('`')[0]!, line.split('|').slice(1, 4)]),
)
const project = useCliProject('privileges')

/** What is typed for each row of the table, by the first word of the row. */
const typed: Readonly<Record<string, readonly string[]>> = {
  find: [
    'find Book --populate author --limit 2',
    `get Book ${ids.book(1)}`,
    'count Book',
    'distinct Book tags',
    'explain Book --where published=true',
    'tree Category',
    `breadcrumbs Category ${ids.laptops}`,
    'export Book',
    'models check Author',
  ],
  doctor: ['doctor Author', 'indexes diff Author', 'indexes diff Book'],
  'init --from-database': ['init --from-database --dry-run --models drafts/*.ts'],
  insert: [
    'insert Author --set name=Ada --set email=new@example.com',
    `update Book ${ids.book(1)} --set pages=3`,
    `delete Book ${ids.book(2)} --confirm ${ids.book(2)}`,
    'insert Reader --set name=Ada',
  ],
  'indexes sync': [
    'indexes sync Book --models one/*.ts',
    'indexes sync Book --models two/*.ts',
    'indexes sync Book --drop --confirm drop',
  ],
  bulk: [
    'bulk update Book --where pages>100 --set published=true --yes',
    'undo last',
    'archive run Book --older-than 1d --by printedAt --all --yes',
    'purge Book --where pages>200 --older-than 1d --by printedAt --confirm Book',
    'import Author --file authors.ndjson',
    'keys rotate',
    'audit seal',
  ],
  'jobs list': ['jobs list --all', 'audit log', 'audit verify'],
}

beforeAll(() => {
  writeFileSync(join(project.folder, 'authors.ndjson'), '{"name":"Bea","email":"bea@example.com"}\n')
  for (const [folder, seconds] of Object.entries({ one: 1e9, two: 2e9 })) {
    const index = `{ key: { printedAt: 1 }, expireAfterSeconds: ${seconds} }`
    mkdirSync(join(project.folder, folder))
    writeFileSync(
      join(project.folder, folder, 'book.ts'),
      `import { model, z } from 'goose-odm'\nexport class Book extends model('Book', { printedAt: z.date() }, { indexes: [${index}] }) {}\n`,
    )
  }
})

test('every kind of work is tried', () => {
  expect(Object.keys(typed).toSorted()).toEqual([...rows.keys()].filter(name => name !== 'watch()').toSorted())
})

test.each(Object.keys(typed))('%s needs what the table says', { timeout: 120_000 }, name => {
  const needs = new Needs()
  for (const line of typed[name]!) for (const command of sentBy(line)) needs.add(command)
  expect(needs.columns()).toEqual(
    rows.get(name)!.map(cell => [...cell.matchAll(/`([a-zA-Z]+)`/g)].map(([, action]) => action).sort()),
  )
})

interface Sent {
  readonly name: string
  readonly command: Readonly<Record<string, unknown>>
}

/** Runs a command line and gives what it has sent to the server. */
function sentBy(line: string): readonly Sent[] {
  const args = line === 'undo last' ? ['undo', lastRun()] : line.split(' ')
  const { stderr, status } = project.goose([...args, '--debug'], { env: keys })
  expect([line, status, stderr]).toEqual([line, expect.toSatisfy(code => [0, 9].includes(code)), stderr])
  return [...stderr.matchAll(/^→ (\w+) (\{.*\})$/gm)].map(([, name = '', json = '{}']) => ({
    name,
    command: BSON.EJSON.parse(json),
  }))
}

function lastRun(): string {
  const { stdout } = project.goose(['jobs', 'list', '--all', '--limit', '1', '-o', 'ndjson'])
  return /run_[a-z0-9]+/.exec(stdout)![0]
}

const keys = { GOOSE_KEYS: `one:${Buffer.alloc(32, 1).toString('base64')}` }
const unasked = new Set([
  'hello',
  'ping',
  'buildInfo',
  'endSessions',
  'commitTransaction',
  'abortTransaction',
  'getMore',
  'killCursors',
])
const actions: Readonly<Record<string, string>> = {
  find: 'find',
  count: 'find',
  distinct: 'find',
  aggregate: 'find',
  explain: 'find',
  insert: 'insert',
  update: 'update',
  delete: 'remove',
  findAndModify: 'update',
  listIndexes: 'listIndexes',
  listCollections: 'listCollections',
  createIndexes: 'createIndex',
  create: 'createCollection',
  dropIndexes: 'dropIndex',
  collMod: 'collMod',
}

/** The actions that commands need: on the collections of models, on goose's own, and on the database. */
class Needs {
  readonly #sets = [new Set<string>(), new Set<string>(), new Set<string>()] as const

  add({ name, command }: Sent): void {
    if (unasked.has(name)) return
    const action = actions[name]
    if (!action) throw new Error(`what ${name} needs is not known`)
    const collection = name === 'explain' ? '' : String(command[name])
    const place = this.#sets[name === 'listCollections' ? 2 : /^(_goose|_audit_log)/.test(collection) ? 1 : 0]
    place.add(action)
    const text = JSON.stringify(command)
    if (name === 'findAndModify') place.add('find')
    if (/"upsert":true/.test(text)) place.add('insert')
    if (name === 'findAndModify' && command.remove) place.add('remove')
    if (/"\$merge"/.test(text)) for (const more of ['insert', 'update']) place.add(more)
  }

  columns(): readonly (readonly string[])[] {
    return this.#sets.map(set => [...set].sort())
  }
}
