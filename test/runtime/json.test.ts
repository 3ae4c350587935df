import { binary, decimal, long, model, ObjectId, objectId, ref, UUID, uuid, ValidationFailed, z } from 'goose-odm'
import { expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('json')

class Counter extends model('JsonCounter', { _id: long(), name: z.string() }) {}
class Total extends model('JsonTotal', {
  big: long(),
  parts: z.array(z.object({ n: long() })).default([]),
  price: decimal().optional(),
  counter: ref(() => Counter).optional(),
}) {}

test('64-bit integers are text in JSON, wherever they lie, and are taken back', async () => {
  const counter = await Counter.create({ _id: 2n ** 60n, name: 'c' })
  const total = await Total.create({
    big: 2n ** 53n + 1n,
    parts: [{ n: -5n }],
    price: '1.50',
    counter: counter as never,
  })
  const json = JSON.parse(JSON.stringify(await Total.get(total._id)))
  expect(json).toMatchObject({
    big: '9007199254740993',
    parts: [{ n: '-5' }],
    price: { $numberDecimal: '1.50' },
    counter: '1152921504606846976',
  })
  const again = await Total.create({ big: json.big, parts: json.parts })
  expect([again.big, again.parts[0]?.n]).toEqual([2n ** 53n + 1n, -5n])
  expect(await (await Total.collection()).countDocuments({ big: { $type: 'long' } })).toBe(2)
})

test.each(['9223372036854775808', '1.5', 'one', '', '0x10'])('%j is no 64-bit integer', async big => {
  await expect(Total.create({ big })).rejects.toThrow(ValidationFailed)
})

class Device extends model('JsonDevice', {
  _id: uuid(),
  owner: objectId(),
  key: binary(),
  price: decimal(),
}) {}

test('BSON types are taken as their text, stored as themselves and found by either', async () => {
  const [id, owner] = ['8b3c5b1e-5a2f-4c68-9d0e-3f1a7c2b9d10', new ObjectId()]
  const device = await Device.create({ _id: id, owner: String(owner), key: Uint8Array.of(1, 2), price: 1.5 })
  const stored = await (await Device.collection()).findOne({}, { promoteBuffers: false })
  const key: unknown = stored?._id
  expect([key instanceof UUID, String(key), stored?.owner]).toEqual([true, id, owner])
  expect([[...stored!.key.value()], String(stored?.price)]).toEqual([[1, 2], '1.5'])
  const found = await Device.get(device._id)
  expect(JSON.parse(JSON.stringify(found))).toMatchObject({ _id: id, owner: String(owner) })
  expect([found.isDirty(), found.equals(device)]).toEqual([false, true])
  expect(await Device.count({ owner: String(owner) })).toBe(1)
})

test.each([
  ['_id', 'no uuid', 'expected a UUID'],
  ['owner', 'no id', 'expected an ObjectId or 24 hex digits'],
  ['key', 'text', 'expected binary data'],
  ['price', 'dear', 'expected a decimal number'],
])('%s: %j is refused with what was expected', async (name, value, sentence) => {
  const fits = { _id: '8b3c5b1e-5a2f-4c68-9d0e-3f1a7c2b9d10', owner: new ObjectId(), key: Uint8Array.of(1), price: 1 }
  await expect(Device.create({ ...fits, [name]: value })).rejects.toThrow(sentence)
})
