import { decimal, long, model, ref, ValidationFailed, z } from 'goose-odm'
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
