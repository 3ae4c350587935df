// Tests that BSON keeps its types and bytes through decoding and encoding.
import {
  Binary,
  BSON,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb'
import { describe, expect, test } from 'vitest'
import { decodeDocument, decodeValue, int32 } from '../../src/embedded/bson/decode.ts'
import { encodeDocument, encodeValue } from '../../src/embedded/bson/encode.ts'
import { decodeFields } from '../../src/embedded/bson/fields.ts'
import { document } from '../../src/embedded/bson/literal.ts'
import { validateDocument } from '../../src/embedded/bson/validation.ts'
import { elements, findId } from '../../src/embedded/bson/walk.ts'
import { CommandError } from '../../src/embedded/errors.ts'

const everyType = {
  _id: new ObjectId('65a000000000000000000001'),
  double: new Double(5),
  negativeZero: new Double(-0),
  int: new Int32(5),
  bigInt: new Int32(-2147483648),
  long: Long.fromString('9007199254740993'),
  decimal: Decimal128.fromString('1.10'),
  text: 'é\u0000x',
  longText: 'ü'.repeat(300),
  emoji: '😀 and more text to be long enough',
  yes: true,
  none: null,
  date: new Date(-1),
  binary: new Binary(Buffer.from('ab'), 5),
  old: new Binary(Buffer.from('ab'), 2),
  regex: new BSONRegExp('a.b', 'im'),
  timestamp: new Timestamp({ t: 4294967295, i: 6 }),
  min: new MinKey(),
  max: new MaxKey(),
  code: new Code('f()'),
  scoped: new Code('f()', { a: 1 }),
  array: [1, ['x', []], { a: { b: [] } }],
  '1': 1,
  '0': 2,
  ключ: 'non-ASCII name',
}

describe('BSON of every type', () => {
  const bytes = BSON.serialize(everyType)

  test('is the same bytes after decoding and encoding', () => {
    expect(Buffer.compare(encodeDocument(decodeDocument(bytes)), Buffer.from(bytes))).toBe(0)
  })

  test('keeps numeric-looking names in their order and __proto__ as a name', () => {
    const names = ['b', '1', '0', '__proto__']
    const source = new Map(names.map(name => [name, int32(1)] as const))
    expect([...decodeDocument(encodeDocument(source)).keys()]).toEqual(names)
  })

  test('decodes only the fields that are asked for', () => {
    const found = decodeFields(bytes, new Set(['array', 'int', 'absent']))
    expect([...found.keys()]).toEqual(['int', 'array'])
    expect(found.get('int')).toEqual(new Int32(5))
  })

  test('is walked element by element', () => {
    expect([...elements(bytes)].map(element => element.name)).toEqual([...decodeDocument(bytes).keys()])
    const found = [...elements(bytes)].find(element => element.name === 'text')
    expect(found && decodeValue(bytes, found.type, found.valueStart)).toBe('é\u0000x')
  })

  test('its _id is found wherever it stands, and nothing that is named alike', () => {
    const found = findId(BSON.serialize({ _ids: 1, id: 2, _i: 3, _id: 4 }))
    expect(found).toMatchObject({ type: 16, name: '_id' })
    expect(findId(BSON.serialize({ _ids: 1, below: { _id: 2 } }))).toBeUndefined()
  })

  test('is valid', () => {
    expect(() => validateDocument(bytes)).not.toThrow()
  })

  test('is refused wherever it is cut off', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => validateDocument(bytes.subarray(0, length))).toThrow(CommandError)
  })

  test('never makes the decoder run away when a byte is changed and validation accepts it', () => {
    for (let at = 4; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at]! + 1) & 255
      try {
        validateDocument(changed)
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError)
        continue
      }
      expect(encodeDocument(decodeDocument(changed)).length).toBeGreaterThan(4)
    }
  })
})

test('a date beyond the range of JavaScript keeps its milliseconds', () => {
  const encoded = Buffer.from('10000000096400ffffffffffffff7f00', 'hex')
  expect(encodeDocument(decodeDocument(encoded)).toString('hex')).toBe(encoded.toString('hex'))
})

test('text that is not UTF-8 is invalid', () => {
  const bytes = Buffer.from(BSON.serialize({ a: 'xx' }))
  bytes[bytes.length - 3] = 0xff
  expect(() => validateDocument(bytes)).toThrow(/UTF-8/)
})

test('nesting beyond a hundred levels is refused', () => {
  const nest = (depth: number): unknown => (depth === 0 ? 1 : { a: nest(depth - 1) })
  expect(() => validateDocument(BSON.serialize({ a: nest(100) }))).not.toThrow()
  expect(() => validateDocument(BSON.serialize({ a: nest(101) }))).toThrow(/nested/)
})

test('a single value is encoded with its type', () => {
  expect(encodeValue(document({ a: 1 }))).toEqual({ type: 3, bytes: Buffer.from('0c0000001061000100000000', 'hex') })
})
