import { model, ref, UUID, uuid, z } from 'goose-odm'
import { describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('storability')

class Log extends model('StoreLog', { name: z.string(), data: z.unknown().optional(), big: z.bigint().optional() }) {}
class Numbered extends model('StoreNumbered', { _id: z.int() }) {}
class Keyed extends model('StoreKeyed', { _id: uuid() }) {}
class Named extends model('StoreNamed', { _id: z.string() }) {}
class Link extends model('StoreLink', {
  log: ref(() => Log).optional(),
  number: ref(() => Numbered).optional(),
  key: ref(() => Keyed).optional(),
  name: ref(() => Named).optional(),
}) {}

// The driver leaves these out, or stores another value, and says nothing.
const unstorable = [
  ['a function', () => 1, 'is a function'],
  ['a symbol', Symbol('x'), 'is a symbol'],
  ['a date that is none', new Date('never'), 'is no date'],
  ['an integer of more than 64 bits', 2n ** 70n, 'has more than 64 bits'],
  ['a promise that nobody awaited', Promise.resolve(1), 'is a Promise, which has nothing to store'],
  ['a URL', new URL('http://localhost/'), 'is a URL, which has nothing to store'],
  ['a key with a null byte', { 'a\0b': 1 }, 'has a key with a null byte'],
] as const

describe.each(unstorable)('%s', (_, value, reason) => {
  test('is refused where any value is taken, with its path', async () => {
    const message = `StoreLog is not valid: data.list.1: ${reason}`
    await expect(Log.create({ name: 'x', data: { list: [1, value] } })).rejects.toThrow(message)
    await expect(Log.insertMany([{ name: 'y' }, { name: 'x', data: { list: [1, value] } }])).rejects.toThrow(message)
    const log = await Log.create({ name: 'x', data: { list: [1] } })
    Object.assign(log, { data: { list: [1, value] } })
    await expect(log.save()).rejects.toThrow(reason)
    await log.reload()
    await expect(log.update({ $set: { 'data.value': value } })).rejects.toThrow(`"data.value" ${reason}`)
    await expect(Log.updateMany({ name: 'x' }, [{ $set: { 'data.value': value } }])).rejects.toThrow(reason)
    await expect(Log.bulkWrite([{ insertOne: { document: { name: 'x', data: value } } }])).rejects.toThrow(reason)
    expect(await (await Log.collection()).find().toArray()).toEqual([{ _id: log._id, name: 'x', data: { list: [1] } }])
  })
})

test('a set is stored as a list, and names that every object has are plain names', async () => {
  const data = JSON.parse('{ "__proto__": { "admin": true }, "constructor": 1, "a": 1 }')
  const log = await Log.create({ name: 'x', data: { ...data, set: new Set(['a', 'b']) } })
  const proto = await Log.create({ name: 'y', data })
  expect((await (await Log.collection()).findOne({ _id: log._id }))?.data.set).toEqual(['a', 'b'])
  const again = await Log.get(proto._id)
  Object.assign(again.data as object, { a: 2 })
  await again.save()
  expect(Object.keys((await (await Log.collection()).findOne({ _id: proto._id }))?.data)).toEqual([
    '__proto__',
    'constructor',
    'a',
  ])
  expect(({} as { admin?: boolean }).admin).toBeUndefined()
})

describe('a reference', () => {
  test.each([
    ['log', 'somebody'],
    ['log', true],
    ['log', new Date(0)],
    ['log', 5],
    ['number', '5'],
    ['number', '65f0a1b2c3d4e5f607182930'],
    ['key', 'x'],
    ['name', 7],
  ])('%s does not take %j, which no document of its model could have', async (field, key) => {
    await expect(Link.create({ [field]: key } as never)).rejects.toThrow(`StoreLink is not valid: ${field}: expected`)
    expect(await Link.count()).toBe(0)
  })

  test('is stored in the type of what it refers to', async () => {
    const id = new UUID()
    const hex = '65f0a1b2c3d4e5f607182930'
    const link = await Link.create({ log: hex, number: 5, key: id, name: hex })
    const stored = await (await Link.collection()).findOne({ _id: link._id })
    expect(stored).toMatchObject({ number: 5, key: id, name: hex })
    expect(String(stored?.log)).toBe(hex)
    expect(await Link.count({ name: hex, key: id, number: 5, log: hex })).toBe(1)
  })

  test('that was stored as text is no change, and stays through a save of another field', async () => {
    const links = await Link.collection()
    await links.insertOne({ log: '65f0a1b2c3d4e5f607182930' } as never)
    const link = (await Link.find().first())!
    expect(link.isDirty()).toBe(false)
    Object.assign(link, { number: Numbered.ref(1) })
    await link.save()
    expect(await links.findOne()).toMatchObject({ log: '65f0a1b2c3d4e5f607182930', number: 1 })
  })
})
