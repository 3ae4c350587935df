// Indexes and validators: planned first, matched by structure, created before anything is dropped.
import {
  binary,
  connection,
  DuplicateKey,
  encrypted,
  model,
  ObjectId,
  objectId,
  ref,
  secret,
  softDelete,
  timestamps,
  transient,
  tree,
  z,
} from 'goose-odm'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('indexes')

const isEmbedded = !process.env.GOOSE_TEST_URI
let count = 0
/** A model with a collection of its own, so that no index of another test is there. */
const customer = (indexes: readonly object[]) =>
  class extends model(
    `IndexCustomer${++count}`,
    {
      email: z.email(),
      name: z.string().default(''),
      bio: z.string().default(''),
      seenAt: z.date().optional(),
      address: z.object({ city: z.string() }).optional(),
      taxId: encrypted(z.string(), { queryable: true }).optional(),
      note: encrypted(z.string()).optional(),
    },
    { indexes: indexes as [] },
  ) {}

const names = (of: { definition: { collection: string } }) =>
  connection()
    .db.collection(of.definition.collection)
    .indexes()
    .then(found => found.map(index => index.name).sort())

describe('declared indexes', () => {
  test('a plan shows what is missing and changes nothing', async () => {
    const Customer = customer([{ key: { email: 1 }, unique: true }, { key: { name: 1, 'address.city': -1 } }])
    const plan = await Customer.diffIndexes()
    expect(plan.create.map(index => index.key)).toEqual([{ email: 1 }, { name: 1, 'address.city': -1 }])
    expect(plan).toMatchObject({ change: [], extra: [], same: [] })
    expect(await connection().db.listCollections({ name: Customer.definition.collection }).toArray()).toEqual([])
  })

  test('unique, sparse, partial, compound and expiring indexes are created and then found to be the same', async () => {
    const Customer = customer([
      { key: { email: 1 }, unique: true },
      { key: { 'address.city': 1 }, sparse: true },
      { key: { name: 1, email: -1 }, name: 'by_name' },
      { key: { name: 1 }, partialFilterExpression: { name: { $gt: 'a' } } },
      { key: { seenAt: 1 }, expireAfterSeconds: 3600 },
    ])
    const done = await Customer.syncIndexes()
    expect(done.created).toEqual(['email_1', 'address.city_1', 'by_name', 'name_1', 'seenAt_1'])
    const plan = await Customer.diffIndexes()
    expect(plan).toMatchObject({ create: [], change: [], extra: [] })
    expect(plan.same).toHaveLength(5)
    expect((await Customer.syncIndexes()).created).toEqual([])
    await Customer.create({ email: 'a@example.org' })
    await expect(Customer.create({ email: 'a@example.org' })).rejects.toThrow(DuplicateKey)
  })

  test('an index made by hand under another name is the declared one when its structure is', async () => {
    const Customer = customer([{ key: { email: 1 }, unique: true }])
    await connection()
      .db.collection(Customer.definition.collection)
      .createIndex({ email: 1 }, { unique: true, name: 'by_hand' })
    expect(await Customer.diffIndexes()).toMatchObject({
      create: [],
      change: [],
      extra: [],
      same: [{ name: 'by_hand' }],
    })
  })

  test('what no model declares is shown and kept, and dropped only when asked', async () => {
    const Customer = customer([{ key: { email: 1 } }])
    await connection().db.collection(Customer.definition.collection).createIndex({ somebodys: 1 })
    const kept = await Customer.syncIndexes()
    expect(kept).toMatchObject({ created: ['email_1'], dropped: [], extra: [{ name: 'somebodys_1' }] })
    expect(await names(Customer)).toEqual(['_id_', 'email_1', 'somebodys_1'])
    expect((await Customer.syncIndexes({ extra: 'drop' })).dropped).toEqual(['somebodys_1'])
    expect(await names(Customer)).toEqual(['_id_', 'email_1'])
  })

  test('an index that becomes unique is replaced, and stays when documents do not allow it', async () => {
    const Customer = customer([{ key: { email: 1 }, unique: true }])
    const collection = connection().db.collection(Customer.definition.collection)
    await collection.createIndex({ email: 1 })
    await collection.insertMany([{ email: 'same' }, { email: 'same' }])
    const plan = await Customer.diffIndexes()
    expect(plan.change).toMatchObject([{ existing: { name: 'email_1' }, differs: ['unique'] }])
    await expect(Customer.syncIndexes()).rejects.toThrow(DuplicateKey)
    expect(await names(Customer)).toEqual(['_id_', 'email_1'])
    await collection.deleteOne({ email: 'same' })
    expect((await Customer.syncIndexes()).dropped).toEqual(['email_1'])
    expect(await Customer.diffIndexes()).toMatchObject({ create: [], change: [], extra: [], same: [{ unique: true }] })
  })

  test('another time to live is changed in place', async () => {
    const Customer = customer([{ key: { seenAt: 1 }, expireAfterSeconds: 60 }])
    await connection()
      .db.collection(Customer.definition.collection)
      .createIndex({ seenAt: 1 }, { expireAfterSeconds: 3600 })
    expect(await Customer.syncIndexes()).toMatchObject({ created: [], modified: ['seenAt_1'], dropped: [] })
    expect((await Customer.diffIndexes()).same).toMatchObject([{ name: 'seenAt_1', expireAfterSeconds: 60 }])
  })

  test.runIf(isEmbedded)('a text index is refused by name, as the embedded database has none', async () => {
    await expect(customer([{ key: { bio: 'text' } }]).syncIndexes()).rejects.toThrow('does not support text indexes')
  })

  test.skipIf(isEmbedded)('a text index of several fields is created and then found to be the same', async () => {
    const Customer = customer([{ key: { email: 1, bio: 'text', name: 'text' }, weights: { name: 5 } }])
    expect((await Customer.syncIndexes()).created).toEqual(['email_1_bio_text_name_text'])
    expect(await Customer.diffIndexes()).toMatchObject({ create: [], change: [], extra: [] })
  })

  test.skipIf(isEmbedded)('other weights of a text index replace it, as a collection has only one', async () => {
    const Customer = customer([{ key: { bio: 'text' }, weights: { bio: 3 } }])
    await connection().db.collection(Customer.definition.collection).createIndex({ bio: 'text' })
    expect((await Customer.diffIndexes()).change).toMatchObject([{ differs: ['weights'] }])
    await Customer.syncIndexes()
    expect((await Customer.diffIndexes()).same).toMatchObject([{ weights: { bio: 3 } }])
  })

  test('a queryable encrypted field is indexed by its blind index, another is refused', async () => {
    const Customer = customer([{ key: { taxId: 1 }, unique: true }])
    expect((await Customer.diffIndexes()).create).toEqual([{ key: { 'taxId.h': 1 }, unique: true }])
    await expect(customer([{ key: { note: 1 } }]).diffIndexes()).rejects.toThrow('"note" is encrypted')
  })

  test('an index on a path that does not exist is refused with the nearest one', async () => {
    await expect(customer([{ key: { emial: 1 } }]).diffIndexes()).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      hint: 'did you mean "email"?',
    })
  })
})

describe('the validator on the server', () => {
  class Parcel extends model('IndexParcel', {
    code: z.string().min(2),
    weight: z.number().positive(),
    pieces: z.int().default(1),
    kind: z.enum(['letter', 'box']).nullable(),
    sentAt: z.date().optional(),
    owner: ref(() => Parcel)
      .nullable()
      .default(null),
    other: objectId().optional(),
    proof: binary().optional(),
    stops: z.array(z.object({ place: z.string() })).default([]),
    pin: encrypted(z.string()).optional(),
    token: transient(z.string()).optional(),
  }) {}
  const whole = () => ({
    code: 'ab',
    weight: 1.5,
    pieces: 3_000_000_000,
    kind: 'box' as const,
    sentAt: new Date(),
    other: new ObjectId(),
    proof: Buffer.from('x'),
    stops: [{ place: 'Rome', extra: 1 }],
  })
  const raw = () => connection().db.collection(Parcel.definition.collection)

  test('it takes what the model stores, with fields the model does not know', async () => {
    await Parcel.ensureCollection()
    const first = await Parcel.create(whole())
    await Parcel.create({ ...whole(), owner: first, kind: null })
    await raw().updateOne({ _id: first._id }, { $set: { unknown: 1 } })
    expect(await Parcel.count()).toBe(2)
  })

  test('it refuses what others write wrongly', async () => {
    await Parcel.ensureCollection({ validator: 'strict' })
    const refused = [
      { code: 'a' },
      { weight: 'heavy' },
      { weight: -1 },
      { pieces: 1.5 },
      { kind: 'bag' },
      { sentAt: 'now' },
      { owner: 'hex' },
      { stops: [{}] },
      { pin: 'clear text' },
    ]
    for (const change of refused)
      await expect(raw().insertOne({ ...whole(), ...change } as never), JSON.stringify(change)).rejects.toMatchObject({
        code: 121,
      })
    await expect(raw().insertOne({ code: 'abc' } as never)).rejects.toMatchObject({ code: 121 })
  })

  test('a collection that is there gets the validator, and loses it when it is switched off', async () => {
    await raw().drop()
    await raw().insertOne({ code: 1 } as never)
    await Parcel.ensureCollection({ validator: 'strict' })
    await expect(raw().insertOne({ code: 1 } as never)).rejects.toMatchObject({ code: 121 })
    await Parcel.ensureCollection({ validator: 'off' })
    await raw().insertOne({ code: 1 } as never)
    expect(await raw().countDocuments()).toBe(2)
  })
})

describe('schemas for API input', () => {
  class Member extends model(
    'IndexMember',
    {
      name: z.string().min(1),
      email: z.email(),
      role: z.enum(['admin', 'author']).default('author'),
      born: z.date().optional(),
      boss: ref(() => Member)
        .nullable()
        .default(null),
      hash: secret(z.string()).optional(),
      password: transient(z.string().min(8)),
    },
    { plugins: [timestamps()] },
  ) {}
  const body = { name: 'Ada', email: 'ada@example.org', password: '12345678' }

  test('createSchema takes JSON and gives what create takes', async () => {
    const boss = await Member.create(body)
    const input = Member.createSchema.parse({ ...body, born: '1815-12-10', boss: boss._id.toHexString() })
    expectTypeOf(input.email).toBeString()
    const member = await Member.create(input)
    expect(member).toMatchObject({ role: 'author', born: new Date('1815-12-10') })
    expect(member.boss?._id).toEqual(boss._id)
  })

  test('secret fields, those the server sets and unknown ones are refused', () => {
    for (const extra of [{ hash: 'x' }, { createdAt: new Date() }, { _id: '1' }, { isAdmin: true }])
      expect(Member.createSchema.safeParse({ ...body, ...extra }).success, JSON.stringify(extra)).toBe(false)
    expect(Member.createSchema.safeParse({ name: 'Ada' }).success).toBe(false)
  })

  test('updateSchema takes any part, and fills in no default', () => {
    expect(Member.updateSchema.parse({ name: 'Grace' })).toEqual({ name: 'Grace' })
    expect(Member.updateSchema.parse({ boss: null, born: '1906-12-09' })).toEqual({
      boss: null,
      born: new Date('1906-12-09'),
    })
    expect(Member.updateSchema.safeParse({ role: 'king' }).success).toBe(false)
    expect(Member.updateSchema.safeParse({ hash: 'x' }).success).toBe(false)
  })

  test('jsonSchema describes the request for others', () => {
    const schema = Member.jsonSchema()
    expect(schema).toMatchObject({
      title: 'IndexMember',
      type: 'object',
      required: ['name', 'email', 'password'],
      properties: { email: { type: 'string', format: 'email' }, born: { type: 'string', format: 'date-time' } },
    })
    expect(Object.keys(schema.properties as object)).toEqual(['name', 'email', 'role', 'born', 'boss', 'password'])
  })
})

describe('indexes by plugins', () => {
  test('a tree has an index on the parent', async () => {
    class Topic extends model(
      'IndexTopic',
      {
        name: z.string(),
        parent: ref(() => Topic)
          .nullable()
          .default(null),
      },
      { plugins: [tree({ parent: 'parent', label: 'name' })] },
    ) {}
    expect((await Topic.syncIndexes()).created).toEqual(['parent_1'])
  })

  test('unique indexes hold among living documents only, where the soft delete says so', async () => {
    class Login extends model(
      'IndexLogin',
      { email: z.email() },
      { plugins: [softDelete({ uniqueAmongLiving: true })], indexes: [{ key: { email: 1 }, unique: true }] },
    ) {}
    await Login.syncIndexes()
    const first = await Login.create({ email: 'a@example.org' })
    await expect(Login.create({ email: 'a@example.org' })).rejects.toThrow(DuplicateKey)
    await first.delete()
    await Login.create({ email: 'a@example.org' })
    expect(await Login.diffIndexes()).toMatchObject({ create: [], change: [], extra: [] })
  })
})
