// Values in each format: JSON, CSV, YAML and Extended JSON say the same in their own way.
import { Binary, BSON, Decimal128, Long, ObjectId, UUID } from 'mongodb'
import { expect, test } from 'vitest'
import { Missing } from '../../../src/shell/output/cell.ts'
import { csvCell, csvLine } from '../../../src/shell/output/csv.ts'
import { ejsonText } from '../../../src/shell/output/ejson.ts'
import { jsonText } from '../../../src/shell/output/json.ts'
import { yamlText } from '../../../src/shell/output/yaml.ts'

const id = new ObjectId('65f1a2b3c4d5e6f708192a3b')

test.each([
  ['an id as its hex digits', id, '"65f1a2b3c4d5e6f708192a3b"'],
  ['a date as RFC 3339', new Date('2026-01-02T03:04:05.678Z'), '"2026-01-02T03:04:05.678Z"'],
  ['a decimal as exact text', Decimal128.fromString('0.10'), '"0.10"'],
  ['a long that a number can hold as number', Long.fromNumber(7), '7'],
  ['a long that no number can hold as text', Long.fromString('9007199254740993'), '"9007199254740993"'],
  ['a big integer likewise', 9007199254740993n, '"9007199254740993"'],
  ['infinity as text', Number.POSITIVE_INFINITY, '"Infinity"'],
  ['binary as base64', new Binary(Buffer.from('hi')), '"aGk="'],
  [
    'a UUID in its own spelling',
    new UUID('01234567-89ab-4cde-8f01-23456789abcd'),
    '"01234567-89ab-4cde-8f01-23456789abcd"',
  ],
  ['a regular expression as written', /a.b/i, '"/a.b/i"'],
  ['what is gone as null', new Missing(id), 'null'],
  ['what is undefined not at all', { a: 1, b: undefined }, '{"a":1}'],
  ['a key that is no ordinary key as such', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
])('JSON shows %s', (_, value, text) => {
  expect(jsonText(value)).toBe(text)
})

test('CSV quotes what would break a line, and holds objects as JSON', () => {
  expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', ' h'])).toBe('a,"b,c","d""e","f\ng"," h"')
  expect([null, undefined, 5, id, ['a', 1], { b: 2 }].map(csvCell)).toEqual([
    '',
    '',
    '5',
    '65f1a2b3c4d5e6f708192a3b',
    '["a",1]',
    '{"b":2}',
  ])
})

test('YAML quotes what would be read as something else', () => {
  const value = { name: 'Ada', 'odd: key': 'yes', lines: 'a\nb', list: [1, { deep: [] }], none: null, at: '2026-01-01' }
  expect(yamlText(value)).toBe(
    'name: Ada\n"odd: key": "yes"\nlines: "a\\nb"\nlist:\n  - 1\n  -\n    deep: []\nnone: null\nat: "2026-01-01"',
  )
})

test('Extended JSON keeps every type', async () => {
  const document = { _id: id, n: 5, l: Long.fromString('9007199254740993'), d: Decimal128.fromString('1.10') }
  const back = BSON.EJSON.parse(await ejsonText(document), { relaxed: false })
  expect(BSON.serialize(back)).toEqual(BSON.serialize(document))
})
