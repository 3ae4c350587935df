// Real data sets go in and come out equal, in every format that keeps types, and through an archive and back.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connection, model, z } from 'goose-odm'
import { BSON, type Document } from 'mongodb'
import { afterAll, describe, expect, test } from 'vitest'
import { emptyPlan } from '../../src/models/plan.ts'
import { archive } from '../../src/operations/archive.ts'
import { restoreArchive } from '../../src/operations/archive-restore.ts'
import { exportOf } from '../../src/operations/export.ts'
import { writeFileWhole } from '../../src/operations/formats/file-target.ts'
import type { FileFormat } from '../../src/operations/formats/format.ts'
import { startImport } from '../../src/operations/import.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('data_sets')

const data = resolve(import.meta.dirname, '../../../shared/data')
const folder = mkdtempSync(join(tmpdir(), 'goose-data-sets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Any document, with whatever _id it has. */
const anything = { _id: z.any() }
class Account extends model('SetAccount', anything, { collection: 'set' }) {}
const { definition } = Account

async function importFile(path: string, format: FileFormat): Promise<void> {
  const plain = { path, format, mode: 'insert', key: ['_id'], validates: true, fillsDefaults: false } as const
  const parameters = { ...plain, onError: 'stop', rejects: null, parallel: 2 } as const
  await startImport(definition, parameters, { asked: {}, controls: {}, onReject: () => {} })
}

async function exportFile(path: string, format: FileFormat): Promise<void> {
  const request = {
    definition,
    plan: emptyPlan,
    format,
    columns: [],
    encrypted: 'stored',
    patience: undefined,
  } as const
  await writeFileWhole(path, exportOf(request).pieces)
}

/** The documents of a file in canonical form as another reader sees them; a database keeps _id in the first place. */
const canonical = (lines: readonly string[]) =>
  lines
    .filter(line => line.trim() !== '')
    .map(line => BSON.EJSON.parse(line, { relaxed: false }) as Document)
    .map(({ _id, ...rest }) => BSON.EJSON.stringify({ _id, ...rest }, { relaxed: false }))
    .sort()

const stored = async () => {
  const bytes = (await connection().db.collection('set').find({}, { raw: true }).toArray()) as unknown as Buffer[]
  return bytes.map(one => Buffer.from(one).toString('latin1')).sort()
}

const sets = ['accounts', 'books', 'customers', 'restaurants', 'theaters']

describe.skipIf(!existsSync(data)).each(sets)('%s (skipped where ../shared/data is not there)', name => {
  const source = join(data, `${name}.ndjson`)

  test('comes out as it went in', async () => {
    await importFile(source, 'ejson')
    await exportFile(join(folder, `${name}.ejson`), 'ejson')
    const [given, got] = [source, join(folder, `${name}.ejson`)].map(path => readFileSync(path, 'utf8').split('\n'))
    expect(canonical(got!)).toEqual(canonical(given!))
  })

  test.each(['ejson.gz', 'bson', 'bson.gz', 'ndjson', 'json'])('goes through .%s with every byte', async ending => {
    const format = ending.split('.')[0] as FileFormat
    const path = join(folder, `${name}.${ending}`)
    await importFile(source, 'ejson')
    const before = await stored()
    expect(before.length).toBeGreaterThan(400)
    await exportFile(path, format)
    await connection().db.collection('set').deleteMany({})
    await importFile(path, format)
    expect(await stored()).toEqual(before)
  })

  test.each(['coll:set_archive', 'ejson.gz', 'bson.gz'])('goes to the archive %s and back', async place => {
    const to = place.includes(':') ? place : `file:${join(folder, `${name}.archive.${place}`)}`
    await importFile(source, 'ejson')
    const before = await stored()
    const ending = await archive({ definition, plan: emptyPlan, all: true, to })
    expect(ending.counters).toMatchObject({ deleted: before.length })
    expect(await stored()).toEqual([])
    await restoreArchive({ definition, run: ending.run })
    expect(await stored()).toEqual(before)
    if (place.includes(':')) return
    // Other programs read the file, too.
    await connection().db.collection('set').deleteMany({})
    await importFile(to.slice('file:'.length), place.split('.')[0] as FileFormat)
    expect(await stored()).toEqual(before)
  })
})

test('says where data sets are missing', () => {
  if (!existsSync(data)) console.warn(`${data} is not there: no real data set was tried`)
  expect(sets.length).toBe(5)
})
