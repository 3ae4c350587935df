// Formats of files: every BSON type goes through each of them and comes back byte for byte.
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb'
import { describe, expect, test } from 'vitest'
import { writerOf } from '../../src/operations/formats/document-writer.ts'
import { EjsonReader } from '../../src/operations/formats/ejson-reader.ts'
import type { FileFormat } from '../../src/operations/formats/format.ts'
import { documentFrom } from '../../src/operations/formats/line-reader.ts'
import { TextBuffer } from '../../src/operations/formats/text-buffer.ts'

const every = new Map<string, unknown>([
  ['_id', new ObjectId()],
  ['10', new Int32(-5)],
  ['2', new Double(5)],
  ['__proto__', new Double(5.5)],
  ['long', Long.fromString('9007199254740993')],
  ['small', Long.fromNumber(7)],
  ['least', Long.MIN_VALUE],
  ['decimal', Decimal128.fromString('1.10')],
  ['nan', Decimal128.fromString('NaN')],
  ['date', new Date(0)],
  ['before', new Date(-5)],
  ['far', new Date(8.64e15)],
  ['binary', new Binary(Buffer.from('abcd'))],
  ['old', new Binary(Buffer.from('abcd'), 2)],
  ['own', new Binary(Buffer.from([0, 255, 128]), 0x80)],
  ['uuid', new UUID()],
  ['code', new Code('x "y"')],
  [
    'scoped',
    new Code(
      'z',
      new Map([
        ['9', 1],
        ['1', 2],
      ]) as never,
    ),
  ],
  ['regex', new BSONRegExp('a"\\b', 'xi')],
  ['timestamp', new Timestamp({ t: 4294967295, i: 2 })],
  ['min', new MinKey()],
  ['max', new MaxKey()],
  ['text', 'tä"\\\n\u0001\u0000\u2028😀\u007f'],
  ['ä\u0001', ''],
  ['list', [1, 'a', new Map([['b', null]]), [], [[true]]]],
  ['empty', new Map()],
  ['symbol', new BSONSymbol('s')],
  ['ref', new DBRef('c', new ObjectId())],
  ['doubles', [Number.NaN, -0, 1e300, 1e22, 5e-324, Number.NEGATIVE_INFINITY, 0.1].map(value => new Double(value))],
  ['filter', new Map([['$gt', 5]])],
])
const stored = Buffer.from(BSON.serialize(every))

function written(format: FileFormat, documents: readonly Buffer[]): string {
  const out = new TextBuffer()
  const writer = writerOf(format, [])
  writer.begin(out)
  for (const bytes of documents) writer.document(out, bytes)
  writer.end(out)
  return out.take().toString('utf8')
}

describe('Extended JSON', () => {
  test('is canonical as the driver writes it', () => {
    const options = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const
    const plain = BSON.serialize({ a: new Int32(1), b: [new Double(2), Long.ONE], c: new Date(5), d: 'é"', e: null })
    const text = BSON.EJSON.stringify(BSON.deserialize(plain, options), { relaxed: false })
    expect(written('ejson', [Buffer.from(plain)])).toBe(`${text}\n`)
  })

  test.each(['ejson', 'ndjson'] as const)(
    'as %s brings every type back byte for byte, in the order of its keys',
    format => {
      const text = written(format, [stored])
      expect(new EjsonReader().read(Buffer.from(text)).equals(stored)).toBe(true)
      expect(text).toContain('"10":')
      expect(text.indexOf('"10"')).toBeLessThan(text.indexOf('"2"'))
    },
  )

  test('reads what mongoexport writes, relaxed, canonical and of long ago', () => {
    const text = `{"a":{"$oid":"65f000000000000000000a01"},"b":{"$date":"2009-04-01T00:00:00.000-0700"},"c":{"$date":5},
      "d":{"$binary":"YWJj","$type":"00"},"e":{"$regex":"x","$options":"i"},"f":3000000000,"g":1.0,"h":{"$numberLong":7},
      "i":{"$uuid":"01234567-89ab-cdef-0123-456789abcdef"},"j":{"$type":"string"},"k":{"$date":"2009-04-01"}}`
    const read = BSON.deserialize(new EjsonReader().read(Buffer.from(text)), { promoteValues: false, bsonRegExp: true })
    expect(read.a).toEqual(new ObjectId('65f000000000000000000a01'))
    expect(read.b).toEqual(new Date('2009-04-01T07:00:00.000Z'))
    expect(read.c).toEqual(new Date(5))
    expect(read.d).toEqual(new Binary(Buffer.from('abc')))
    expect(read.e).toEqual(new BSONRegExp('x', 'i'))
    expect(read.f).toEqual(Long.fromNumber(3_000_000_000))
    expect(read.g).toEqual(new Double(1))
    expect(read.h).toEqual(Long.fromNumber(7))
    expect(read.j).toEqual({ $type: 'string' })
    expect(read.k).toEqual(new Date('2009-04-01T00:00:00Z'))
  })

  test('refuses to write a document that would be read as something else', () => {
    const own = Buffer.from(BSON.serialize({ _id: 7, saved: { $oid: 'not an id' } }))
    expect(() => written('ejson', [own])).toThrow(/own key \$oid.*_id 7/)
    expect(written('bson', [own])).toContain('$oid')
  })

  test.each([
    ['{"a":1', /expected a comma or }, found the end/],
    ['{"a" 1}', /expected a colon, found "1"/],
    ['{"a":01}', /"01" is no number/],
    ['{"a":{"$oid":"xyz"}}', /\$oid does not hold what it should/],
    ['{"a":{"$numberInt":"3000000000"}}', /\$numberInt does not hold/],
    ['{"a":{"$date":"soon"}}', /\$date does not hold/],
    ['[1]', /expected a document/],
    ['{"a":1} x', /expected the end of the line, found "x"/],
    ['{"a":"\\ud800"}', /half of a character/],
    [`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`, /deeper than 200/],
  ])('says what is wrong with %j', (text, problem) => {
    expect(documentFrom(Buffer.from(text)).problem).toMatch(problem)
  })

  test('says of text that is not UTF-8 that it is not', () => {
    expect(documentFrom(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])).problem).toBe('it is not UTF-8')
  })
})
