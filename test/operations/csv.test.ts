// CSV as people and programs write it: what is no CSV is told by its line, and takes nothing else with it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { connection, model, z } from 'goose-odm'
import { afterAll, describe, expect, test } from 'vitest'
import { CsvRecords } from '../../src/operations/formats/csv-records.ts'
import { timeOf } from '../../src/operations/formats/extended-types.ts'
import { startImport } from '../../src/operations/import.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('csv')

class Parcel extends model('CsvParcel', {
  label: z.string(),
  weight: z.number().optional(),
  to: z.object({ city: z.string() }).optional(),
  tags: z.array(z.string()).optional(),
}) {}

const folder = mkdtempSync(join(tmpdir(), 'goose-csv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function importCsv(content: string | Buffer, more: object = {}) {
  const path = join(folder, Buffer.isBuffer(content) && content[0] === 0x1f ? 'parcels.csv.gz' : 'parcels.csv')
  writeFileSync(path, content)
  const parameters = {
    path,
    format: 'csv',
    mode: 'insert',
    key: ['_id'],
    validates: true,
    fillsDefaults: false,
    onError: 'stop',
    rejects: null,
    parallel: 1,
    ...more,
  } as const
  return startImport(Parcel.definition, parameters, { asked: {}, controls: {}, onReject: () => {} })
}

const labels = async () => {
  const found = await connection().db.collection(Parcel.definition.collection).find().toArray()
  return found.map(({ label }) => label).sort()
}

describe('cells', () => {
  const cellsIn = (text: string, size = text.length || 1) => {
    const records = new CsvRecords({ offset: 0, line: 1 })
    const bytes = Buffer.from(text)
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    return [...pieces.flatMap(piece => records.push(piece)), ...records.end()]
  }
  const texts = (text: string, size?: number) => cellsIn(text, size).map(({ cells }) => cells?.map(cell => cell.text))

  test.each([
    [
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['\ufeff"a",b\n', [['a', 'b']]],
    ['"a,""b""\r\nc",d\n', [['a,"b"\r\nc', 'd']]],
    ['\n\r\na\n\n,\n', [['a'], ['', '']]],
    ['"",x,""\n', [['', 'x', '']]],
    [
      'ä,😀\n"é\n",\n',
      [
        ['ä', '😀'],
        ['é\n', ''],
      ],
    ],
  ])('of %j are the same wherever the pieces of the file end', (text, expected) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(texts(text, size)).toEqual(expected)
  })

  test('know their line and where they end, so that reading can go on there', () => {
    expect(cellsIn('a\n"b\nc"\n\nd\n').map(({ line, end }) => [line, end])).toEqual([
      [1, 2],
      [2, 8],
      [5, 11],
    ])
  })
})

test('a line that is no CSV, or no UTF-8, is told, and those around it are imported', async () => {
  const rejects = join(folder, 'rejects.csv')
  const text = Buffer.concat([
    Buffer.from('label,weight:int\na,1\n"b"x,2\nc"d,3\n'),
    Buffer.from('\xe9,4\n', 'latin1'),
    Buffer.from('f,5,6\ng,many\n"h\ni",7\n'),
  ])
  const ending = await importCsv(text, { onError: 'skip', rejects })
  expect(ending.counters).toEqual({ matched: 7, inserted: 2, failed: 5 })
  expect(ending.noted.map(({ line, why }) => `${line}: ${why}`)).toEqual([
    '3: cell 1 goes on behind the quote that closes it; a quote in it is written ""',
    '4: cell 1 holds a quote; write it as ""…"" in quotes',
    '5: it is not UTF-8',
    '6: it has 3 cells, the first line names 2',
    '7: weight: "many" is not a whole number of 32 bits',
  ])
  expect(await labels()).toEqual(['a', 'h\ni'])
  expect(readFileSync(rejects).toString('latin1')).toBe('label,weight:int\n"b"x,2\nc"d,3\n\xe9,4\nf,5,6\ng,many\n')
})

test.each([
  ['label\na\n"b\nc\nd\n', /line 3: a quote is opened here and never closed/, ['a']],
  ['"label\na\nb\n', /line 1: a quote is opened here and never closed/, []],
  [Buffer.from('label\xe9\na\n', 'latin1'), /line 1: it is not UTF-8/, []],
  ['label;weight\na;1\n', /line 1: CsvParcel has no path "label;weight"/, []],
  ['label\rweight\r', /line 1: its lines end with a carriage return alone/, []],
  ['labl\na\n', /line 1: CsvParcel has no path "labl"/, []],
  ['label,to.cty\na,b\n', /line 1: CsvParcel has no path "to.cty"/, []],
  ['label:strin\na\n', /line 1: there is no type "strin"/, []],
])('%j ends the import with what is wrong, also when others are skipped', async (text, message, there) => {
  await expect(importCsv(text, { onError: 'skip' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringMatching(message),
  })
  expect(await labels()).toEqual(there)
})

test('columns that the model does not know are taken without validation', async () => {
  await importCsv('label,shelf:int\na,7\n', { validates: false })
  expect(await connection().db.collection(Parcel.definition.collection).findOne()).toMatchObject({
    label: 'a',
    shelf: 7,
  })
})

test('a packed file that was cut says what of it is there', async () => {
  const lines = Array.from({ length: 40_000 }, (_, n) => `row ${n * 7919},${n}\n`).join('')
  const packed = gzipSync(`label,weight:int\n${lines}`)
  const importing = importCsv(packed.subarray(0, packed.length - 2000))
  await expect(importing).rejects.toMatchObject({
    code: 'FILE_FAILED',
    message: expect.stringMatching(/the gzip data ends too early; imported until then: inserted \d+/),
    hint: expect.stringContaining('--mode upsert'),
  })
})

test.each([
  ['2026-02-28', '2026-02-28T00:00:00.000Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['2026-01-31T10:00', '2026-01-31T10:00:00.000Z'],
  ['2026-12-31T23:30:00.5+02:00', '2026-12-31T21:30:00.500Z'],
])('the date %s is read as it is written', (text, moment) => {
  expect(new Date(timeOf(text)).toISOString()).toBe(moment)
})

test.each(['2026-02-29', '2026-02-30', '2026-04-31T10:00:00Z', '2026-01-32'])('the calendar has no %s', text => {
  expect(timeOf(text)).toBeNaN()
})
