// Imports: what goes out comes in again byte for byte, and what does not fit is told by its line.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connection, model, z } from 'goose-odm'
import { afterAll, expect, test } from 'vitest'
import { startImport } from '../../src/operations/import.ts'
import type { Reject } from '../../src/operations/import-rejects.ts'
import { resume } from '../../src/operations/resuming.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('import')

class Crate extends model(
  'Crate',
  { label: z.string(), weight: z.number(), packedAt: z.date().optional() },
  { indexes: [{ key: { label: 1 }, unique: true }] },
) {}

const folder = mkdtempSync(join(tmpdir(), 'goose-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rejected: Reject[] = []
async function importText(name: string, text: string | Buffer, more: object = {}) {
  const path = join(folder, name)
  writeFileSync(path, text)
  rejected.length = 0
  const plain = {
    path,
    format: undefined,
    mode: 'insert',
    key: ['_id'],
    validates: true,
    fillsDefaults: false,
  } as const
  const parameters = { ...plain, onError: 'stop', rejects: null, parallel: 2, ...more } as const
  const options = { asked: {}, controls: {}, onReject: (reject: Reject) => void rejected.push(reject) }
  return startImport(Crate.definition, parameters, options)
}
const stored = () => connection().db.collection('crates').find().sort({ label: 1 }).toArray()

test('documents of a list are imported, dates of plain JSON as dates', async () => {
  const ending = await importText(
    'list.json',
    '[{"label":"a","weight":1,"packedAt":"2026-01-01"},\n{"label":"b","weight":2.5}]',
  )
  expect(ending).toMatchObject({ isComplete: true, counters: { matched: 2, inserted: 2 } })
  expect(await stored()).toMatchObject([
    { label: 'a', packedAt: new Date('2026-01-01') },
    { label: 'b', weight: 2.5 },
  ])
})

test('an import that ended at a refused document is not gone on with: what follows it was not written', async () => {
  const text = '{"label":"a","weight":1}\n{"label":"b","weight":"heavy"}\n{"label":"c","weight":3}\n'
  await expect(importText('again.ndjson', text, { format: 'ndjson' })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  const last = await connection()
    .db.collection('_goose_runs')
    .findOne({}, { sort: { _id: -1 } })
  await expect(resume('default', String(last?._id))).rejects.toMatchObject({ code: 'RUN_REFUSED' })
})

test('a document that does not fit stops the import at its line; what stands before it is there', async () => {
  const text = '{"label":"a","weight":1}\r\n{"label":"b","weight":"heavy"}\r\n{"label":"c","weight":3}\r\n'
  await expect(importText('stop.ndjson', text, { format: 'ndjson' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    exit: 11,
    message: expect.stringMatching(/line 2: weight: /),
  })
  expect((await stored()).map(crate => crate.label)).toEqual(['a'])
})

test('what cannot be imported is kept as it stood, with the reasons beside it', async () => {
  await Crate.syncIndexes()
  const rejects = join(folder, 'rejected.ndjson')
  const text = '{"label":"a","weight":1}\n{"label":"a","weight":2}\nnonsense\n{"label":"c","weight":3}'
  const ending = await importText('skip.ndjson', text, { format: 'ndjson', onError: 'skip', rejects, parallel: 1 })
  expect(ending.counters).toMatchObject({ matched: 4, inserted: 2, failed: 2 })
  expect(rejected.map(({ line }) => line)).toEqual([2, 3])
  expect(rejected[0]!.problem).toBe('a Crate with label "a" exists already')
  expect(readFileSync(rejects, 'utf8')).toBe('{"label":"a","weight":2}\nnonsense\n')
  expect(readFileSync(`${rejects}.reasons`, 'utf8').trim().split('\n').length).toBe(2)
})

test('merge sets the fields of the file, upsert replaces, delete removes, each by a key', async () => {
  await importText('first.ndjson', '{"label":"a","weight":1,"extra":true}', { format: 'ndjson' })
  const by = { format: 'csv', key: ['label'] }
  await importText('merge.csv', 'label,weight:double\na,7\nb,8\n', { ...by, mode: 'merge' })
  expect(await stored()).toMatchObject([
    { label: 'a', weight: 7, extra: true },
    { label: 'b', weight: 8 },
  ])
  await importText('delete.csv', 'label\nb\n', { ...by, mode: 'delete' })
  expect((await stored()).map(crate => crate.label)).toEqual(['a'])
})

test.each([
  ['cut.bson', Buffer.from([30, 0, 0, 0, 2]), /document 1: the file ends inside of document 1/],
  ['open.json', '[{"label":"a","weight":1},{"label"', /line 1: the file ends inside of a document/],
  ['cells.csv', 'label,weight\na,1,2\n', /line 2: it has 3 cells, the first line names 2/],
  ['twice.csv', 'label,label\na,b\n', /line 1: the column "label" stands twice/],
  ['latin.ndjson', Buffer.from('{"label":"\xe9","weight":1}', 'latin1'), /line 1: it is not UTF-8/],
])('%s is refused with its place', async (name, text, message) => {
  const format = name.split('.')[1]
  await expect(importText(name, text, { format })).rejects.toMatchObject({
    exit: 11,
    message: expect.stringMatching(message),
  })
})
