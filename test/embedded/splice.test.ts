// Changes of single fields in the bytes of a document, against the same changes of the whole document.
import { BSON, Double, Int32, Long } from 'mongodb'
import { expect, test } from 'vitest'
import { decodeDocument, type Value } from '../../src/embedded/bson/decode.ts'
import { encodeDocument } from '../../src/embedded/bson/encode.ts'
import { withFields } from '../../src/embedded/bson/splice.ts'
import { useDatabase } from '../support/database.ts'

const database = useDatabase()
const bytes = Buffer.from(
  BSON.serialize({
    _id: 1,
    a: 5,
    text: 'é and more',
    list: [1, { b: 2 }],
    inner: { c: 'c' },
    ä: null,
    last: new Date(0),
  }),
)

const changes: readonly (readonly [string, readonly (readonly [string, Value | undefined])[]])[] = [
  ['a value of the same size', [['a', new Int32(7)]]],
  ['a value of another size and type', [['text', 2.5]]],
  [
    'the first and the last field',
    [
      ['last', 'later'],
      ['_id', 2n],
    ],
  ],
  [
    'new fields, in their order',
    [
      ['z', true],
      ['y', null],
      ['x', new Map([['n', 'deep']])],
    ],
  ],
  [
    'fields that go',
    [
      ['list', undefined],
      ['last', undefined],
      ['never', undefined],
    ],
  ],
  [
    'all kinds at once, and a name beyond ASCII',
    [
      ['new', [1, 'two']],
      ['ä', 'ö'],
      ['a', undefined],
      ['inner', null],
    ],
  ],
]

test.each(changes)('replacing %s is the same as encoding the changed document anew', (_, fields) => {
  const document = decodeDocument(bytes)
  for (const [name, value] of fields) {
    if (value === undefined) document.delete(name)
    else document.set(name, value)
  }
  expect(withFields(bytes, new Map(fields))).toEqual(encodeDocument(document))
})

test('an update keeps the order and the types of all that it does not name', async () => {
  const rows = database.db.collection('rows', { promoteValues: false })
  await rows.insertOne({ _id: 1 as never, a: new Double(5), long: Long.fromNumber(7), b: { c: [1, 2] }, d: 'd' })
  await rows.updateMany(
    {},
    { $inc: { long: 1, 'b.n': 2 }, $push: { 'b.c': 3 as never }, $unset: { d: '' }, $set: { y: 2, z: 1 } },
  )
  const [row] = await rows.find().toArray()
  expect(Object.keys(row!)).toEqual(['_id', 'a', 'long', 'b', 'y', 'z'])
  expect(row?.a).toEqual(new Double(5))
  expect(row?.long).toEqual(Long.fromNumber(8))
  expect(BSON.EJSON.stringify(row?.b)).toBe('{"c":[1,2,3],"n":2}')
})

test('an error of an update names the document', async () => {
  const rows = database.db.collection('wrong')
  await rows.insertOne({ _id: 'one' as never, name: 'Ada', other: 1 })
  await expect(rows.updateOne({ other: 1 }, { $inc: { name: 1 } })).rejects.toThrow(/_id: "one".*'name'/)
})
