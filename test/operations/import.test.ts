// Imports: what goes out comes in again byte for byte, and what does not fit is told by its line.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { audit, connection, encrypted, generateKey, model, setKeys, z } from 'goose-odm'
import { BSON, type Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EjsonReader } from '../../src/operations/formats/ejson-reader.ts'
import { formatOfName } from '../../src/operations/formats/format.ts'
import { startImport } from '../../src/operations/import.ts'
import { checkImport } from '../../src/operations/import-check.ts'
import type { Reject } from '../../src/operations/import-rejects.ts'
import { openSource } from '../../src/operations/import-source.ts'
import { listJobs, throttleJob } from '../../src/operations/jobs.ts'
import { resume } from '../../src/operations/resuming.ts'
import type { RunControls, RunProgress } from '../../src/operations/run-steps.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('import')

class Crate extends model(
  'Crate',
  { label: z.string(), weight: z.number(), packedAt: z.date().optional() },
  { indexes: [{ key: { label: 1 }, unique: true }] },
) {}

class Person extends model(
  'ImportPerson',
  { email: z.email(), phone: encrypted(z.string()).optional(), age: z.int().optional() },
  { plugins: [audit()], indexes: [{ key: { email: 1 }, unique: true }] },
) {}

beforeAll(() => setKeys([{ id: 'one', key: generateKey() }]))

const folder = mkdtempSync(join(tmpdir(), 'goose-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Model = { readonly definition: (typeof Crate)['definition'] }
const rejected: Reject[] = []
async function importText(
  name: string,
  text: string | Buffer,
  more: object = {},
  { definition }: Model = Crate,
  controls: RunControls = {},
  asked: object = {},
) {
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
  const options = { asked, controls, onReject: (reject: Reject) => void rejected.push(reject) }
  return startImport(definition, parameters, options)
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
  expect(last).toMatchObject({ state: 'refused' })
  expect(await listJobs('default')).toEqual([])
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

test('a field whose name holds a dot is inserted as it is, and never merged into another', async () => {
  await importText('dots.ndjson', '{"_id":"d","label":"d","weight":1,"a.b":1}', { format: 'ndjson' })
  expect((await stored())[0]).toMatchObject({ 'a.b': 1 })
  const merging = importText('merged.ndjson', '{"_id":"d","a.b":2}', { format: 'ndjson', mode: 'merge' })
  await expect(merging).rejects.toMatchObject({ message: expect.stringContaining('"a.b" cannot be merged') })
  expect((await stored())[0]).toMatchObject({ 'a.b': 1 })
  expect((await stored())[0]).not.toHaveProperty('a')
})

test('fields that the model does not declare are stored, and told', async () => {
  const told: string[] = []
  const ending = await importText('typo.ndjson', '{"label":"a","weight":1,"wieght":2}', { format: 'ndjson' }, Crate, {
    onLog: text => void told.push(text),
  })
  expect(told).toEqual(['Crate has no field wieght; stored all the same, as the model is not strict'])
  const run = await connection()
    .db.collection('_goose_runs')
    .findOne({ _id: ending.run as never })
  expect(run?.log.at(-1).text).toBe(told[0])
})

test('a check of a file reads all of it, tells what does not fit, and writes nothing', async () => {
  const path = join(folder, 'check.ndjson')
  writeFileSync(path, '{"label":"a","weight":1}\n{"label":"b"}\nnonsense\n')
  const problems: string[] = []
  const parameters = {
    path,
    format: 'ndjson',
    mode: 'insert',
    key: ['_id'],
    validates: true,
    fillsDefaults: false,
  } as const
  const more = { onError: 'stop', rejects: null, parallel: 1 } as const
  const found = await checkImport(
    Crate as never,
    { ...parameters, ...more },
    ({ line }) => void problems.push(`line ${line}`),
  )
  expect(found).toEqual({ format: 'ndjson', documents: 3, failed: 2 })
  expect(problems).toEqual(['line 2', 'line 3'])
  expect(await stored()).toEqual([])
})

test('a file that is not there, or a folder, is refused before a run begins', async () => {
  const { definition } = Crate
  for (const path of [join(folder, 'none.ndjson'), folder])
    await expect(openSource(definition, path, { format: 'ndjson', validates: true })).rejects.toMatchObject({
      code: 'FILE_REFUSED',
      exit: 2,
    })
  expect(await listJobs('default', { all: true })).toEqual([])
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

describe('files as other programs write them', () => {
  const dump = (documents: readonly Document[]) => Buffer.concat(documents.map(one => BSON.serialize(one)))
  const two = [
    { label: 'a', weight: 1 },
    { label: 'b', weight: 2.5 },
  ]
  const lines = two.map(one => JSON.stringify(one)).join('\n')

  test.each<[string, string | Buffer]>([
    ['crates.bson', dump(two)],
    ['crates.bson.gz', gzipSync(dump(two))],
    ['twice.bson.gz', Buffer.concat([gzipSync(dump(two.slice(0, 1))), gzipSync(dump(two.slice(1)))])],
    ['mark.ndjson', `\ufeff${lines}\n`],
    ['mark.json', `\ufeff[${two.map(one => JSON.stringify(one, null, 2)).join(',\r\n')}]\r\n`],
    ['mark.csv', '\ufefflabel,weight:double\r\na,1\r\nb,2.5\r\n'],
    ['dos.ndjson', `\r\n${lines.replace('\n', '\r\n\r\n')}`],
    [
      'export.json',
      two.map(({ label, weight }) => `{"label":"${label}","weight":{"$numberDouble":"${weight}"}}\n`).join(''),
    ],
    ['long.ndjson', `${lines}${' '.repeat(3_000_000)}\n`],
  ])('%s is read', async (name, content) => {
    expect((await importText(name, content, { format: formatOfName(name) })).counters).toEqual({
      matched: 2,
      inserted: 2,
    })
    expect(await stored()).toMatchObject(two)
  })

  test('of a packed file that was cut, what came before is imported, and where it ended is told', async () => {
    const text = Array.from({ length: 12_000 }, (_, n) => `{"label":"c${n * 7919}","weight":${n}}\n`).join('')
    const packed = gzipSync(text)
    await expect(
      importText('cut.ndjson.gz', packed.subarray(0, packed.length - 2000), { format: 'ndjson' }),
    ).rejects.toMatchObject({ code: 'FILE_FAILED', message: expect.stringContaining('the gzip data ends too early') })
    const last = await connection()
      .db.collection('_goose_runs')
      .findOne({}, { sort: { _id: -1 } })
    expect(last).toMatchObject({ state: 'refused' })
    expect(await connection().db.collection('crates').countDocuments()).toBe(last?.counters.inserted)
    expect(last?.counters.inserted).toBeGreaterThan(1000)
  })

  test('a document of 17 MB is told by its size, and those around it are imported', async () => {
    const large = { label: 'x'.repeat(17 * 1024 * 1024), weight: 2 }
    const three = [two[0]!, large, two[1]!]
    const largeBson = new EjsonReader().read(Buffer.from(JSON.stringify(large)))
    const skip = { onError: 'skip' }
    await importText('large.ndjson', three.map(one => JSON.stringify(one)).join('\n'), { ...skip, format: 'ndjson' })
    expect(rejected).toMatchObject([{ line: 2, problem: expect.stringContaining('17.0 MB') }])
    expect(await stored()).toMatchObject(two)
    await connection().db.collection('crates').deleteMany({})
    await importText('large.bson', Buffer.concat([dump([three[0]!]), largeBson, dump([three[2]!])]), {
      ...skip,
      format: 'bson',
    })
    expect(rejected).toMatchObject([{ line: 2, problem: expect.stringContaining('17.0 MB') }])
    expect(await stored()).toMatchObject(two)
  })

  test('the description of a collection beside a dump is no document', async () => {
    await expect(importText('crates.metadata.json', '{"indexes":[]}')).rejects.toMatchObject({
      code: 'USAGE',
      meta: { hint: expect.stringContaining('crates.bson') },
    })
  })
})

describe('documents that are meant by another key than their _id', () => {
  const people = async () =>
    (await Person.find().sort('email').all()).map(({ email, phone, age }) => ({ email, phone, age }))
  const by = { format: 'ndjson', key: ['email'] }
  const given = (documents: readonly object[]) => documents.map(one => JSON.stringify(one)).join('\n')

  test('keep their _id, and what is encrypted is encrypted for it', async () => {
    const { _id } = await Person.create({ email: 'a@example.org', phone: '1', age: 30 })
    const file = given([
      { email: 'a@example.org', phone: '2' },
      { email: 'b@example.org', phone: '3' },
    ])
    for (const mode of ['merge', 'upsert']) {
      await importText(`${mode}.ndjson`, file, { ...by, mode }, Person)
      const raw = await connection().db.collection('importpeople').find().sort({ email: 1 }).toArray()
      expect(raw[0]?._id).toEqual(_id)
      expect(raw.filter(({ phone }) => typeof phone === 'string')).toEqual([])
      const age = mode === 'merge' ? 30 : undefined
      expect(await people()).toEqual([
        { email: 'a@example.org', phone: '2', age },
        { email: 'b@example.org', phone: '3', age: undefined },
      ])
    }
  })

  test('are checked as far as the file holds them, and never found by what is encrypted', async () => {
    await expect(
      importText('wrong.ndjson', '{"email":"a@example.org","age":"old"}', { ...by, mode: 'merge' }, Person),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('age: ') })
    await expect(
      importText('secret.ndjson', '{"phone":"1"}', { ...by, key: ['phone'], mode: 'upsert' }, Person),
    ).rejects.toMatchObject({ code: 'INVALID_QUERY' })
    expect(await people()).toEqual([])
  })

  test('are refused one by one where the file gives another _id, and the rest is written', async () => {
    await Person.create({ email: 'b@example.org', age: 1 })
    const file = given(['a', 'b', 'c'].map((name, n) => ({ _id: n, email: `${name}@example.org`, age: 7 })))
    await importText('other.ndjson', file, { ...by, mode: 'upsert', onError: 'skip' }, Person)
    expect(rejected).toMatchObject([{ line: 2, problem: 'the stored document that its key finds has another _id' }])
    expect((await people()).map(({ age }) => age)).toEqual([7, 1, 7])
  })
})

test('of audited documents, many that are there already are refused and the others recorded', async () => {
  const people = Array.from({ length: 300 }, (_, n) => `{"_id":${n},"email":"p${n}@example.org"}`)
  await importText('some.ndjson', people.filter((_, n) => n % 3 === 0).join('\n'), { format: 'ndjson' }, Person)
  const again = { format: 'ndjson', onError: 'skip', parallel: 1 }
  const ending = await importText('all.ndjson', [...people, people[1]].join('\n'), again, Person)
  expect(ending.counters).toEqual({ matched: 301, inserted: 200, failed: 101 })
  expect(ending.noted[0]).toEqual({ line: 1, why: 'a ImportPerson with _id 0 exists already' })
  const entries = await connection().db.collection('_audit_log').find({ operation: 'insert' }).toArray()
  expect(entries.flatMap(unbundled).length).toBe(300)
})

test('of documents that cannot both be stored the first one of the file is, however many are written at once', async () => {
  await Crate.syncIndexes()
  const text = Array.from({ length: 400 }, (_, n) => `{"label":"c${n % 200}","weight":${n}}`).join('\n')
  const ending = await importText('first.ndjson', text, { format: 'ndjson', onError: 'skip', parallel: 4 })
  expect(ending.counters).toEqual({ matched: 400, inserted: 200, failed: 200 })
  expect((await stored()).every(({ weight }) => weight < 200)).toBe(true)
  await connection().db.collection('crates').dropIndexes()
})

test('two importers of one model: the second is told who is at it, and what both were to bring is there once', async () => {
  const text = Array.from({ length: 100 }, (_, n) => `{"_id":${n},"label":"c${n}","weight":${n}}`).join('\n')
  const second: Promise<unknown>[] = []
  // The first one waits at its pace until the second has been told.
  const onProgress = ({ id }: RunProgress) => {
    if (second.length > 0) return
    const refused = importText('second.ndjson', text, { format: 'ndjson' }).catch(error => error)
    second.push(refused.finally(() => throttleJob('default', id, { rate: 1e6 })))
  }
  const asked = { limits: { batch: 10, rate: 1 } }
  const first = await importText('first.ndjson', text, { format: 'ndjson', parallel: 1 }, Crate, { onProgress }, asked)
  expect(await second[0]).toMatchObject({ code: 'JOB_LOCKED', exit: 7 })
  expect(first).toMatchObject({ isComplete: true, counters: { inserted: 100 } })
  expect((await stored()).length).toBe(100)
})
