import {
  connect,
  connection,
  Decimal128,
  DocumentNotFound,
  disconnect,
  MultipleDocumentsFound,
  model,
  ObjectId,
  ref,
  UnknownPath,
  z,
} from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('find')

class Person extends model('FindPerson', {
  name: z.string(),
  age: z.number(),
  born: z.date().optional(),
  tags: z.array(z.string()).default([]),
  friend: ref(() => Person).optional(),
  address: z.object({ city: z.string() }).optional(),
}) {}

beforeEach(async () => {
  await Person.insertMany([
    { name: 'Ada', age: 36, tags: ['math'], born: new Date('1815-12-10'), address: { city: 'London' } },
    { name: 'Bob', age: 20, tags: ['math', 'art'] },
    { name: 'Cid', age: 20 },
    { name: 'Dot', age: 50, tags: ['art'], born: new Date('1900-01-01'), address: { city: 'Paris' } },
  ])
})

const names = (people: readonly { readonly name: string }[]) => people.map(person => person.name).join(' ')

describe('finding', () => {
  test('find is lazy and immutable: every link is a new query', async () => {
    const all = Person.find()
    const young = all.find({ age: { $lt: 30 } })
    const sorted = young.sort('-name')
    expect(names(await all.sort('name').all())).toBe('Ada Bob Cid Dot')
    expect(names(await sorted.all())).toBe('Cid Bob')
    expect(names(await sorted.limit(1).all())).toBe('Cid')
    expect(await young.count()).toBe(2)
  })

  test('filters are ANDed, never overwritten', async () => {
    const found = await Person.find({ $or: [{ name: 'Ada' }, { name: 'Bob' }] })
      .find({ $or: [{ age: 20 }, { age: 50 }] })
      .find({ age: 20 })
      .all()
    expect(names(found)).toBe('Bob')
  })

  test('sort, skip and limit', async () => {
    expect(names(await Person.find().sort('age', '-name').all())).toBe('Cid Bob Ada Dot')
    expect(names(await Person.find().sort({ age: -1, name: 1 }).skip(1).limit(2).all())).toBe('Ada Bob')
    expect(await Person.find().skip(3).count()).toBe(1)
  })

  test('select reads some fields only, and a save keeps the others', async () => {
    const ada = (await Person.find({ name: 'Ada' }).select('name').first())!
    expect(ada.age).toBeUndefined()
    ada.name = 'Countess'
    await ada.save()
    expect(await Person.findOne({ name: 'Countess' })).toMatchObject({ age: 36, tags: ['math'] })
  })

  test('first, one, count, exists, distinct', async () => {
    expect((await Person.find({ age: 50 }).first())?.name).toBe('Dot')
    expect(await Person.find({ age: 99 }).first()).toBeNull()
    expect((await Person.find({ name: 'Bob' }).one())?.age).toBe(20)
    await expect(Person.find({ age: 20 }).one()).rejects.toThrow(MultipleDocumentsFound)
    expect(await Person.exists({ name: 'Ada' })).toBe(true)
    expect(await Person.exists({ name: 'Zoe' })).toBe(false)
    expect((await Person.distinct('age')).sort()).toEqual([20, 36, 50])
    expect((await Person.distinct('tags')).sort()).toEqual(['art', 'math'])
  })

  test('get by id, hex, reference and document; what is not there is an error', async () => {
    const ada = (await Person.findOne({ name: 'Ada' }))!
    for (const id of [ada._id, ada._id.toHexString(), ada, Person.ref(ada._id)])
      expect((await Person.get(id)).name).toBe('Ada')
    expect((await Person.findOne(ada._id))?.name).toBe('Ada')
    const gone = new ObjectId()
    await expect(Person.get(gone)).rejects.toThrow(DocumentNotFound)
    await expect(Person.get(gone)).rejects.toThrow(`no FindPerson with _id ${gone}`)
    expect(await Person.findOne(gone)).toBeNull()
  })

  test('iteration streams all documents', async () => {
    const seen: string[] = []
    for await (const person of Person.find().sort('name')) seen.push(person.name)
    expect(seen).toEqual(['Ada', 'Bob', 'Cid', 'Dot'])
  })

  test('leaving an iteration early is fine', async () => {
    for await (const person of Person.find().sort('name')) if (person.name === 'Bob') break
    expect(await Person.count()).toBe(4)
  })

  test('text in a filter becomes the type of the field', async () => {
    const [ada, bob] = [(await Person.findOne({ name: 'Ada' }))!, (await Person.findOne({ name: 'Bob' }))!]
    bob.friend = ada
    await bob.save()
    expect(await Person.count({ _id: ada._id.toHexString() })).toBe(1)
    expect(await Person.count({ friend: ada._id.toHexString() })).toBe(1)
    expect(await Person.count({ friend: ada })).toBe(1)
    expect(await Person.count({ friend: { $in: [ada, bob] } })).toBe(1)
    expect(await Person.count({ born: { $lt: '1850-01-01' } })).toBe(1)
    expect(await Person.count({ age: { $gte: '36' as never } })).toBe(2)
    expect(await Person.count({ 'address.city': 'Paris' })).toBe(1)
    expect(await Person.count({ name: /^[AB]/ })).toBe(2)
  })

  test('explain tells how the database answers', async () => {
    expect(await Person.find({ age: 20 }).explain()).toHaveProperty('queryPlanner')
  })

  test('a path that does not exist is refused with the nearest one', () => {
    expect(() => Person.find().sort('nmae')).toThrow(UnknownPath)
    expect(() => Person.find({ agee: 1 } as never)).toThrow('FindPerson has no path "agee"')
    expect(() => Person.find().limit(-1)).toThrow('limit is -1')
    expect(() => Person.find().select('name', '-age')).toThrow('mixes paths')
  })
})

describe('pages', () => {
  test('a page tells what is around it', async () => {
    const { items, ...around } = await Person.find().sort('age').page({ page: 2, size: 3 })
    expect(names(items)).toBe('Dot')
    expect(around).toEqual({ total: 4, page: 2, size: 3, pages: 2, hasNext: false, hasPrevious: true })
    expect(await Person.find().page({ skip: 0, limit: 3 })).toMatchObject({
      page: 1,
      hasNext: true,
      hasPrevious: false,
    })
    expect(await Person.find({ age: 99 }).page()).toMatchObject({ total: 0, pages: 0, hasNext: false, items: [] })
  })

  test('pages do not overlap when the sort has ties', async () => {
    const first = await Person.find({ age: 20 }).sort('age').page({ page: 1, size: 1 })
    const second = await Person.find({ age: 20 }).sort('age').page({ page: 2, size: 1 })
    expect([...first.items, ...second.items].map(person => person.name).sort()).toEqual(['Bob', 'Cid'])
  })

  test('page 0 and size 0 are refused', async () => {
    await expect(Person.find().page({ page: 0 })).rejects.toThrow('page 0 does not exist')
    await expect(Person.find().page({ size: 0 })).rejects.toThrow('size of a page is 0')
  })
})

test('every BSON type comes back as it was stored', async () => {
  class Thing extends model('FindThing', { any: z.unknown(), list: z.array(z.unknown()).optional() }) {}
  const collection = await Thing.collection()
  const { Binary, BSONRegExp, Code, Long, MaxKey, MinKey, Timestamp, UUID, Int32, Double } = await import('mongodb')
  const values = [
    null,
    true,
    false,
    'ä€😀 text',
    'x'.repeat(500),
    '',
    0,
    -1,
    2 ** 31,
    1.5,
    -1e300,
    Number.NaN,
    new Date(-5),
    new Date('9999-01-01'),
    new ObjectId(),
    new Int32(7),
    new Double(3),
    Long.fromString('9007199254740993'),
    Long.fromNumber(-42),
    Decimal128.fromString('1.50'),
    new Binary(Buffer.from('abc')),
    new UUID(),
    /a.*b/i,
    new BSONRegExp('x', 'm'),
    new Timestamp({ t: 1, i: 2 }),
    new MinKey(),
    new MaxKey(),
    new Code('return 1'),
    new Code('return x', { x: 1 }),
    [],
    [1, [2, ['three']]],
    {},
    { a: { b: { c: [1, { d: null }] } }, 'x.y': 1, $z: 2, ü: 3 },
  ]
  await collection.insertMany(
    values.map((any, n) => ({ _id: n as never, any })),
    { serializeFunctions: true } as never,
  )
  await collection.insertOne({ _id: 1000 as never, list: values } as never)
  const ours = await Thing.find().sort('_id').all()
  const theirs = await collection.find().sort({ _id: 1 }).toArray()
  for (const [i, thing] of ours.entries()) {
    expect(thing.any).toEqual(theirs[i]?.any)
    expect(thing.list).toEqual(theirs[i]?.list)
    expect(thing.isDirty()).toBe(false)
  }
})

test('a field named __proto__ in the data is a plain field', async () => {
  const collection = await Person.collection()
  await collection.insertOne(JSON.parse('{"name":"evil","age":1,"address":{"city":"x","__proto__":{"polluted":true}}}'))
  const found = (await Person.findOne({ name: 'evil' }))!
  expect(Object.keys(found.address!)).toContain('__proto__')
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect((found.address as { polluted?: boolean }).polluted).toBeUndefined()
})

test('lean gives plain objects with ids where references are', async () => {
  const [ada, bob] = await Person.find().sort('name').limit(2).all()
  bob!.friend = ada!
  await bob!.save()
  const lean = (await Person.find({ name: 'Bob' }).lean().first())!
  expect(Object.getPrototypeOf(lean)).toBe(Object.prototype)
  expect(lean).toEqual(await (await Person.collection()).findOne({ name: 'Bob' }))
  expect(lean.friend?.equals(ada!._id)).toBe(true)
  expect((await Person.find().lean().all()).map(person => person.name).sort()).toEqual(['Ada', 'Bob', 'Cid', 'Dot'])
  const seen: unknown[] = []
  for await (const person of Person.find().sort('age').lean()) seen.push(person.age)
  expect(seen).toEqual([20, 20, 36, 50])
  expect(() => Person.find().populate('friend').lean()).toThrow('lean() reads no references')
})

test('hint and maxTime are told to the server, by find and by count', async () => {
  const told: Record<string, unknown>[] = []
  const database = connection().db.databaseName
  await connect(process.env.GOOSE_TEST_URI ?? 'embedded::memory:', {
    alias: 'told',
    database,
    driver: { monitorCommands: true },
  })
  class Told extends model('FindTold', { n: z.int() }, { connection: 'told' }) {}
  await Told.create({ n: 1 })
  connection('told').client.on('commandStarted', ({ command }) => told.push(command))
  const query = Told.find({ n: 1 }).hint({ _id: 1 }).maxTime(5000)
  expect((await query.all()).length).toBe(1)
  expect(await query.count()).toBe(1)
  const asked = told.filter(({ find, aggregate }) => find ?? aggregate)
  expect(asked.map(({ hint, maxTimeMS }) => [hint, maxTimeMS])).toEqual([
    [{ _id: 1 }, 5000],
    [{ _id: 1 }, 5000],
  ])
  expect(() => query.maxTime(-1)).toThrow('maxTime is -1')
  await disconnect('told')
})
