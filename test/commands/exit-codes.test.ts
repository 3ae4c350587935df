// Exit codes by class, each from a process of its own; 8 where runs are.
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LOCKS, type StoredLease } from '../../src/operations/lease.ts'
import { ids, useCliProject } from '../support/cli.ts'
import { withProjectData } from '../support/project-data.ts'
import { keys } from '../support/terminal.ts'

const project = useCliProject('codes')
const ada = ids.ada

test.each([
  [0, 'done', ['count', 'Book']],
  [0, 'nothing found', ['find', 'Book', '--where', 'pages=99999']],
  [1, 'the database refused', ['find', 'Book', '--filter', '{$expr: {$toInt: "$title"}}']],
  [2, 'a question that the database cannot answer', ['find', 'Book', '--filter', '{title: {$regex: "("}}']],
  [2, 'an index that is not there', ['find', 'Book', '--hint', 'nope']],
  [2, 'an unknown command', ['fnd']],
  [2, 'an unknown model', ['find', 'Bok']],
  [2, 'an unknown path', ['find', 'Book', '--where', 'pags=1']],
  [2, 'an unknown flag', ['find', 'Book', '--limits', '1']],
  [2, 'a bad filter', ['find', 'Book', '--filter', '{']],
  [4, 'consent that nobody can give', ['delete', 'Book', ids.book(1)]],
  [5, 'a document that is not there', ['get', 'Book', ids.gone]],
  [9, 'findings', ['doctor', 'Book']],
  [9, 'a scan that is not wanted', ['explain', 'Book', '--where', 'pages=1', '--strict']],
  [10, 'no server', ['ping', '-c', 'nowhere', '--timeout', '200ms']],
  [11, 'a document that is not valid', ['insert', 'Author', '--set', 'name=x', '--set', 'email=x']],
  [
    11,
    'a key that is there already',
    ['insert', 'Author', '--data', `{_id: ObjectId("${ada}"), name: "x", email: "x@example.com"}`],
  ],
])('%i: %s', (expected, _, args) => {
  const { status, stderr, stdout } = project.goose(args)
  expect(status, stderr).toBe(expected)
  if (expected !== 0 && expected !== 9) expect(stderr).toMatch(/^✖ [A-Z_]+ {2}\S/)
  const asJson = project.goose([...args, '--json'])
  expect(asJson.status).toBe(expected)
  if (expected !== 0 && expected !== 9) expect(JSON.parse(asJson.stderr)).toMatchObject({ ok: false, exit: expected })
  else expect(stderr + stdout).not.toContain('✖')
})

test('3: declined at a prompt', async () => {
  const terminal = project.terminal(['delete', 'Book', ids.book(2)])
  await terminal.sees('to go on: ')
  terminal.press(keys.enter)
  expect(await terminal.ended).toBe(3)
})

const late = ['bulk', 'update', 'Book', '--where', 'pages>=250', '--reason', 'exit codes']

test('6: an undo that leaves what was changed since', () => {
  const { stdout } = project.goose([...late, '--set', 'tags=late', '--yes', '--json'])
  const { run } = JSON.parse(stdout).data
  expect(project.goose(['update', 'Book', ids.book(27), '--set', 'tags=mine']).status).toBe(0)
  const { status, stderr, stdout: undone } = project.goose(['undo', run])
  expect(status, stderr).toBe(6)
  expect(undone).toContain(ids.book(27))
})

test('7: a name that another run holds', async () => {
  const holder = { id: 'other', host: 'elsewhere.example', place: 'elsewhere', user: 'root', pid: 1 }
  const lease = {
    _id: 'bulk-update:Book',
    holder,
    fence: 1,
    run: null,
    since: new Date(),
    expiresAt: new Date(Date.now() + 6e5),
  }
  await withProjectData(project, db =>
    db.collection<StoredLease>(LOCKS).replaceOne({ _id: lease._id }, lease, { upsert: true }),
  )
  const { status, stderr } = project.goose([...late, '--set', 'tags=locked', '--yes'])
  await withProjectData(project, db => db.collection<StoredLease>(LOCKS).deleteOne({ _id: lease._id }))
  expect(status, stderr).toBe(7)
  expect(stderr).toContain('elsewhere.example')
})

test('12: a plan whose documents have changed', () => {
  const plan = join(project.folder, 'plan.json')
  expect(project.goose([...late, '--set', 'tags=planned', '--out', plan]).status).toBe(0)
  expect(project.goose(['update', 'Book', ids.book(28), '--set', 'pages=1']).status).toBe(0)
  const { status, stderr } = project.goose(['apply', plan])
  expect(status, stderr).toBe(12)
  expect(stderr).toContain('PLAN_DRIFTED')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s: %i', async (signal, expected) => {
  const child = project.start(['count', 'Book', '-c', 'nowhere', '--timeout', '60s', '--verbose'])
  await once(child.stderr!, 'data')
  child.kill(signal)
  const [code] = await once(child, 'exit')
  expect(code).toBe(expected)
})

test('errors are told even where nothing else may be', () => {
  const { status, stderr } = project.goose(['get', 'Book', ids.gone, '--quiet'])
  expect(status).toBe(5)
  expect(stderr).toContain('DOCUMENT_NOT_FOUND')
})
