// Encrypted fields: never in clear in the database, plain in memory, on every way of reading and writing.
import {
  binary,
  connection,
  DecryptionFailed,
  decimal,
  encrypted,
  type Filter,
  generateKey,
  InvalidFilter,
  keyIds,
  long,
  model,
  type ObjectId,
  ref,
  secret,
  setKeys,
  timestamps,
  z,
} from 'goose-odm'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('encryption')

const [old, current] = [generateKey(), generateKey()]
beforeEach(() => setKeys([{ id: 'k1', key: old }]))
afterEach(() => setKeys())

class Person extends model(
  'CryptPerson',
  {
    name: z.string(),
    email: encrypted(z.email(), { queryable: true }),
    taxId: encrypted(z.string()).optional(),
    iban: encrypted(z.string()).nullable().default(null),
    born: encrypted(z.date(), { queryable: true }).optional(),
    account: encrypted(long(), { queryable: true }).optional(),
    salary: encrypted(decimal()).optional(),
    photo: encrypted(binary()).optional(),
    home: encrypted(z.object({ street: z.string(), zip: z.string() })).optional(),
    friend: encrypted(ref(() => Person)).optional(),
    phones: z.array(encrypted(z.string(), { queryable: true })).default([]),
    cards: z.array(z.object({ bank: z.string(), number: encrypted(z.string(), { queryable: true }) })).default([]),
    work: z.object({ title: z.string(), badge: encrypted(z.string()).optional() }).optional(),
  },
  { plugins: [timestamps()] },
) {}

const people = () => connection().db.collection(Person.definition.collection)
const stored = async (id: unknown) => (await people().findOne({ _id: id as never }))!
const everything = async () =>
  Buffer.concat((await people().find({}, { raw: true }).toArray()) as never).toString('latin1')
const secrets = ['ada@secret', 'TAX-1', 'IBAN-1', 'Rue secrète', '+49-1', '4111', 'BADGE', 'JPEG']
const whole = {
  name: 'Ada',
  email: 'ada@secret.org',
  taxId: 'TAX-1',
  iban: 'IBAN-1',
  born: new Date('1815-12-10'),
  account: 12345678901n,
  salary: '4000.50',
  photo: Buffer.from('JPEG'),
  home: { street: 'Rue secrète', zip: '1' },
  phones: ['+49-1', '+49-2'],
  cards: [{ bank: 'A', number: '4111' }],
  work: { title: 'Countess', badge: 'BADGE' },
}
const leaked = async () => {
  const text = await everything()
  return secrets.filter(secret => text.includes(Buffer.from(secret, 'utf8').toString('latin1')))
}

describe('what lies in the database', () => {
  test('no value of an encrypted field, be it optional, nullable, nested or in a list', async () => {
    await Person.create(whole)
    await Person.insertMany([
      { ...whole, name: 'Grace' },
      { name: 'None', email: 'x@secret.org' },
    ])
    expect(await leaked()).toEqual([])
    expect(await everything()).toContain('Countess')
  })

  test('absent and null values stay absent and null', async () => {
    const { _id } = await Person.create({ name: 'None', email: 'x@secret.org' })
    expect(await stored(_id)).toMatchObject({ iban: null, phones: [], cards: [] })
    expect(await stored(_id)).not.toHaveProperty('taxId')
  })

  test('the same value has another ciphertext in each document', async () => {
    const [one, other] = await Person.insertMany([whole, whole])
    expect((await stored(one!._id)).taxId).not.toEqual((await stored(other!._id)).taxId)
  })

  test('without a key nothing is written', async () => {
    setKeys([])
    await expect(Person.create(whole)).rejects.toThrow('CryptPerson "email" is encrypted and there is no key')
    expect(await people().countDocuments()).toBe(0)
  })
})

describe('what is in memory', () => {
  test('everything is read back as it was written, in its own type', async () => {
    const friend = await Person.create({ name: 'Bob', email: 'b@secret.org' })
    const { _id } = await Person.create({ ...whole, friend })
    const found = await Person.get(_id)
    expectTypeOf(found.email).toBeString()
    expect(found.toObject()).toMatchObject({
      email: 'ada@secret.org',
      taxId: 'TAX-1',
      iban: 'IBAN-1',
      born: whole.born,
      account: 12345678901n,
      home: whole.home,
      phones: whole.phones,
      cards: whole.cards,
      work: whole.work,
    })
    expect(String(found.salary)).toBe('4000.50')
    expect(Buffer.from(found.photo!.buffer).toString()).toBe('JPEG')
    expect((await found.populate('friend')).friend?.name).toBe('Bob')
    expect(found.toJSON().taxId).toBe('TAX-1')
  })

  test('iteration, first and reload read it too', async () => {
    const created = await Person.create(whole)
    for await (const person of Person.find()) expect(person.taxId).toBe('TAX-1')
    expect((await Person.find().first())?.taxId).toBe('TAX-1')
    created.taxId = 'changed'
    await created.reload()
    expect(created.taxId).toBe('TAX-1')
    expect(created.isDirty()).toBe(false)
    created.name = 'Countess'
    await created.save()
    expect((await Person.get(created._id)).taxId).toBe('TAX-1')
  })
})

describe('saving', () => {
  test('a loaded document is clean, and another change leaves the ciphertext alone', async () => {
    const { _id } = await Person.create(whole)
    const before = await stored(_id)
    const found = await Person.get(_id)
    expect(found.isDirty()).toBe(false)
    found.email = 'ada@secret.org'
    found.home = { street: 'Rue secrète', zip: '1' }
    expect(found.isDirty()).toBe(false)
    found.name = 'Countess'
    await found.save()
    const { name, updatedAt, ...after } = await stored(_id)
    expect(name).toBe('Countess')
    expect(updatedAt).not.toEqual(before.updatedAt)
    expect(before).toMatchObject(after)
  })

  test('a changed value is encrypted anew, in place, in lists and inside encrypted objects', async () => {
    const { _id } = await Person.create(whole)
    const found = await Person.get(_id)
    found.taxId = 'TAX-2'
    found.home!.zip = '2'
    found.phones.push('+49-3')
    found.cards[0]!.number = '4222'
    found.work!.badge = 'BADGE-2'
    expect(found.changes()).toMatchObject({
      taxId: { from: 'TAX-1', to: 'TAX-2' },
      'cards.0.number': { from: '4111', to: '4222' },
    })
    expect(Object.keys(found.changes()).sort()).toEqual(['cards.0.number', 'home', 'phones', 'taxId', 'work.badge'])
    await found.save()
    expect(await leaked()).toEqual([])
    expect(await everything()).not.toMatch(/TAX-2|4222|\+49-3/)
    const again = await Person.get(_id)
    expect(again).toMatchObject({
      taxId: 'TAX-2',
      home: { zip: '2' },
      phones: ['+49-1', '+49-2', '+49-3'],
      cards: [{ number: '4222' }],
    })
    expect(again.work?.badge).toBe('BADGE-2')
    again.taxId = undefined
    await again.save()
    expect(await stored(_id)).not.toHaveProperty('taxId')
  })
})

describe('updates on the server', () => {
  test('update() of one document encrypts what its operators set', async () => {
    const person = await Person.create(whole)
    await person.update({ $set: { taxId: 'TAX-2', 'work.badge': 'BADGE-2' }, $push: { phones: '+49-3' } })
    expect(person).toMatchObject({ taxId: 'TAX-2', phones: ['+49-1', '+49-2', '+49-3'] })
    await person.update({ $push: { cards: { $each: [{ bank: 'B', number: '4333' }] } }, $unset: { iban: 1 } })
    expect(await everything()).not.toMatch(/TAX-2|4333|\+49-3|BADGE-2/)
    expect((await Person.findOne({ 'cards.number': '4333' }))?.work?.badge).toBe('BADGE-2')
  })

  test('updateMany walks the documents, so that each has its own ciphertext', async () => {
    await Person.insertMany([whole, { ...whole, name: 'Grace' }, { ...whole, name: 'Bob' }])
    const outcome = await Person.updateMany({ name: { $ne: 'Bob' } }, { $set: { taxId: 'TAX-2', name: 'X' } })
    expect(outcome).toEqual({ matchedCount: 2, modifiedCount: 2 })
    const [one, other] = await people().find({ name: 'X' }).toArray()
    expect(one!.taxId).not.toEqual(other!.taxId)
    expect(await everything()).not.toContain('TAX-2')
    expect((await Person.find({ name: 'X' }).all()).map(person => person.taxId)).toEqual(['TAX-2', 'TAX-2'])
    expect((await Person.find({ name: 'Bob' }).first())?.taxId).toBe('TAX-1')
  })

  test.each([
    ['a computation', { $inc: { account: 1 } }],
    ['a rename', { $rename: { taxId: 'name' } }],
    ['a pipeline', [{ $set: { taxId: 'TAX-2' } }]],
    ['a path into an encrypted object', { $set: { 'home.zip': '2' } }],
    ['a removal by value', { $pull: { phones: '+49-1' } }],
  ])('%s is refused and changes nothing', async (_, update) => {
    const person = await Person.create(whole)
    const before = await stored(person._id)
    await expect(person.update(update as never)).rejects.toMatchObject({ code: 'INVALID_UPDATE' })
    await expect(Person.updateMany({ name: 'Ada' }, update as never)).rejects.toMatchObject({ code: 'INVALID_UPDATE' })
    expect(await stored(person._id)).toEqual(before)
  })
})

describe('filters', () => {
  beforeEach(async () => {
    await Person.insertMany([whole, { name: 'Bob', email: 'bob@secret.org', phones: ['+49-9'] }])
  })
  const found = async (filter: Filter<Person>) =>
    (await Person.find(filter).sort('name').all()).map(person => person.name)

  test('equal values of queryable fields are found, alone, in lists and nested', async () => {
    expect(await found({ email: 'ada@secret.org' })).toEqual(['Ada'])
    expect(await found({ email: { $in: ['ada@secret.org', 'bob@secret.org'] } })).toEqual(['Ada', 'Bob'])
    expect(await found({ email: { $ne: 'ada@secret.org' } })).toEqual(['Bob'])
    expect(await found({ email: { $nin: ['ada@secret.org', 'bob@secret.org'] } })).toEqual([])
    expect(await found({ email: { $not: { $eq: 'ada@secret.org' } } })).toEqual(['Bob'])
    expect(await found({ born: '1815-12-10' })).toEqual(['Ada'])
    expect(await found({ account: 12345678901n })).toEqual(['Ada'])
    expect(await found({ phones: '+49-9' })).toEqual(['Bob'])
    expect(await found({ 'cards.number': '4111' })).toEqual(['Ada'])
    expect(await found({ cards: { $elemMatch: { bank: 'A', number: '4111' } } })).toEqual(['Ada'])
    expect(await found({ cards: { $elemMatch: { bank: 'B', number: '4111' } } })).toEqual([])
    expect(await found({ $or: [{ email: 'bob@secret.org' }, { name: 'Ada' }] })).toEqual(['Ada', 'Bob'])
    expect(await Person.count({ email: 'ada@secret.org' })).toBe(1)
    expect((await Person.findOne({ email: 'bob@secret.org' }))?.name).toBe('Bob')
  })

  test('null and absence are found of any', async () => {
    expect(await found({ taxId: null })).toEqual(['Bob'])
    expect(await found({ taxId: { $exists: true } })).toEqual(['Ada'])
    expect(await found({ born: null })).toEqual(['Bob'])
    expect(await found({ born: { $ne: null } })).toEqual(['Ada'])
    expect(await found({ phones: { $size: 2 } })).toEqual(['Ada'])
  })

  test.each([
    ['a field that is not queryable', { taxId: 'TAX-1' }, '"taxId" is encrypted and not queryable'],
    ['a comparison', { born: { $gt: new Date(0) } }, '"born" is encrypted, $gt cannot be answered'],
    ['a pattern', { email: /ada/ }, '"email" is encrypted, a pattern cannot be answered'],
    ['a regular expression', { email: { $regex: 'ada' } }, '"email" is encrypted, $regex cannot be answered'],
    ['a path into an encrypted object', { 'home.zip': '1' }, '"home.zip" is inside an encrypted value'],
  ])('%s is refused', async (_, filter, reason) => {
    const error = await Person.find(filter as Filter<Person>)
      .all()
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(InvalidFilter)
    expect((error as Error).message).toContain(reason)
  })

  test('sorting and distinct values are refused, as they would be of ciphertext', async () => {
    expect(() => Person.find().sort('email')).toThrow('"email" is encrypted and cannot be used for sort')
    await expect(Person.distinct('email')).rejects.toThrow('cannot be used for distinct')
  })

  test('a unique index holds for a queryable field, and its error shows no value', async () => {
    class Login extends model(
      'CryptLogin',
      { email: encrypted(z.email(), { queryable: true }) },
      { indexes: [{ key: { email: 1 }, unique: true }] },
    ) {}
    await Login.syncIndexes()
    await Login.create({ email: 'ada@secret.org' })
    const error = (await Login.create({ email: 'ada@secret.org' }).catch((caught: unknown) => caught)) as Error
    expect(error.name).toBe('DuplicateKey')
    expect(JSON.stringify(error) + error.message).not.toContain('ada@secret')
  })
})

describe('keys', () => {
  test('a new key is 32 random bytes, as 44 letters of base64', () => {
    const [one, other] = [generateKey(), generateKey()]
    expect([one.length, Buffer.from(one, 'base64').length, one === other]).toEqual([44, 32, false])
  })

  test('a key that is not there is named, and no value', async () => {
    const { _id } = await Person.create(whole)
    setKeys([{ id: 'k2', key: current }])
    const error = (await Person.get(_id).catch((caught: unknown) => caught)) as DecryptionFailed
    expect(error).toBeInstanceOf(DecryptionFailed)
    expect(error.message).toBe('CryptPerson "email" cannot be decrypted with key "k1": the key ring does not hold it')
    expect(error.meta).toEqual({
      model: 'CryptPerson',
      path: 'email',
      key: 'k1',
      reason: 'the key ring does not hold it',
    })
  })

  test('another key of the same name is an error that names it', async () => {
    const { _id } = await Person.create(whole)
    setKeys([{ id: 'k1', key: current }])
    await expect(Person.get(_id)).rejects.toThrow('cannot be decrypted with key "k1"')
  })

  test('a ciphertext moved to another document or field is refused', async () => {
    const [one, other] = await Person.insertMany([whole, whole])
    const { taxId } = await stored(one!._id)
    await people().updateOne({ _id: other!._id }, { $set: { taxId } })
    await expect(Person.get(other!._id)).rejects.toThrow(DecryptionFailed)
    await people().updateOne({ _id: one!._id }, { $set: { iban: taxId } })
    await expect(Person.get(one!._id)).rejects.toThrow('"iban" cannot be decrypted')
  })

  test('GOOSE_KEYS gives the ring, newest first; what is wrong with it is said without a key', () => {
    setKeys()
    process.env.GOOSE_KEYS = `new:${current},old:${old}`
    expect(keyIds()).toEqual(['new', 'old'])
    process.env.GOOSE_KEYS = `new:${Buffer.from('short').toString('base64')}`
    expect(() => keyIds()).toThrow('configuration GOOSE_KEYS: key "new" has 5 bytes, 32 are needed')
    process.env.GOOSE_KEYS = current
    expect(() => keyIds()).toThrow('entry 1 is not id:base64')
    process.env.GOOSE_KEYS = `a:${current} a:${old}`
    expect(() => keyIds()).toThrow('key "a" is there twice')
    delete process.env.GOOSE_KEYS
  })

  test('while keys change, what was written with either is found', async () => {
    await Person.create(whole)
    setKeys([
      { id: 'k2', key: current },
      { id: 'k1', key: old },
    ])
    await Person.create({ ...whole, name: 'Later' })
    expect(await Person.count({ email: 'ada@secret.org' })).toBe(2)
    expect(await Person.count({ email: { $ne: 'ada@secret.org' } })).toBe(0)
  })
})

describe('changing keys', () => {
  const both = [
    { id: 'k2', key: current },
    { id: 'k1', key: old },
  ]

  test('rotateKeys encrypts every value with the newest key and touches nothing else', async () => {
    await Person.insertMany([whole, { name: 'Bob', email: 'bob@secret.org' }])
    const before = await people().find().toArray()
    setKeys(both)
    expect(await Person.rotateKeys()).toMatchObject({ read: 2, changed: 2 })
    setKeys([both[0]!])
    expect((await Person.find({ email: 'ada@secret.org' }).first())?.toObject()).toMatchObject({
      taxId: 'TAX-1',
      phones: whole.phones,
      work: whole.work,
    })
    const after = await people().find().toArray()
    expect(after.map(({ _id, name, createdAt, updatedAt }) => ({ _id, name, createdAt, updatedAt }))).toEqual(
      before.map(({ _id, name, createdAt, updatedAt }) => ({ _id, name, createdAt, updatedAt })),
    )
    expect(await Person.rotateKeys()).toMatchObject({ read: 2, changed: 0 })
  })

  test('it goes on where it stopped', async () => {
    const ids = (await Person.insertMany([1, 2, 3, 4, 5].map(n => ({ name: `${n}`, email: `${n}@secret.org` })))).map(
      person => person._id,
    )
    setKeys(both)
    const seen: unknown[] = []
    const stop = new Error('killed')
    const run = Person.rotateKeys({
      batchSize: 2,
      onBatch: state => {
        seen.push(state.after)
        if (seen.length === 2) throw stop
      },
    })
    await expect(run).rejects.toBe(stop)
    expect(seen).toEqual([ids[1], ids[3]])
    expect(await Person.rotateKeys({ after: seen[1] as ObjectId })).toMatchObject({ read: 1, changed: 1 })
    setKeys([both[0]!])
    expect(await Person.find().all()).toHaveLength(5)
  })

  test('changes that others write meanwhile are kept', async () => {
    const created = await Person.insertMany(
      Array.from({ length: 100 }, (_, i) => ({ name: `${i}`, email: `${i}@secret.org`, taxId: 'TAX-1' })),
    )
    setKeys(both)
    const edit = async () => {
      for (const person of created) {
        person.taxId = `TAX-${person.name}`
        await person.save()
      }
    }
    await Promise.all([Person.rotateKeys({ batchSize: 7 }), edit()])
    setKeys([both[0]!])
    const found = await Person.find().all()
    expect(found.every(person => person.taxId === `TAX-${person.name}`)).toBe(true)
  })

  test('it encrypts what was stored before the field was declared encrypted', async () => {
    await people().insertOne({ name: 'Old', email: 'old@secret.org', taxId: 'TAX-1', phones: ['+49-1'], cards: [] })
    const found = await Person.find().first()
    expect(found).toMatchObject({ email: 'old@secret.org', phones: ['+49-1'] })
    expect(found?.isDirty()).toBe(false)
    expect(await Person.rotateKeys()).toMatchObject({ changed: 1 })
    expect(await leaked()).toEqual([])
    expect((await Person.findOne({ email: 'old@secret.org' }))?.taxId).toBe('TAX-1')
  })
})

describe('what cannot work is refused when the model is used', () => {
  test.each([
    ['a union', z.union([encrypted(z.string()), z.number()])],
    ['a record', z.record(z.string(), encrypted(z.string()))],
    ['a tuple', z.tuple([encrypted(z.string())])],
    ['the end of a pipe', z.string().pipe(encrypted(z.string()))],
    ['a lazy schema', z.lazy(() => encrypted(z.string()))],
  ])('encrypted inside %s', async (_, field) => {
    const Odd = class extends model(`CryptOdd${Math.random().toString(36).slice(2)}`, { odd: field }) {}
    await expect(Odd.count()).rejects.toThrow('"odd" holds encrypted() where goose cannot see it')
  })

  test('checks and wrappers around an encrypted field keep it encrypted', async () => {
    class Wrapped extends model('CryptWrapped', {
      a: encrypted(z.string()).min(2).describe('x').optional(),
      b: encrypted(z.string().optional()),
      c: encrypted(z.string())
        .transform(text => text.toUpperCase())
        .nullable(),
      d: z.preprocess(value => value, encrypted(z.string())),
      e: encrypted(z.string())
        .brand<'e'>()
        .readonly()
        .catch('x' as never),
      f: z.array(z.array(encrypted(z.string()))),
    }) {}
    await Wrapped.create({ a: 'CLEAR', b: 'CLEAR', c: 'clear', d: 'CLEAR', e: 'CLEAR', f: [['CLEAR']] } as never)
    const raw = (await connection()
      .db.collection(Wrapped.definition.collection)
      .find({}, { raw: true })
      .toArray()) as unknown as Buffer[]
    expect(raw[0]!.toString('latin1').toUpperCase()).not.toContain('CLEAR')
    expect((await Wrapped.find().first())?.toObject()).toMatchObject({
      a: 'CLEAR',
      b: 'CLEAR',
      c: 'CLEAR',
      d: 'CLEAR',
      e: 'CLEAR',
      f: [['CLEAR']],
    })
  })
})

describe('errors', () => {
  test('never show the value of an encrypted or secret field', async () => {
    class Vault extends model('CryptVault', {
      code: encrypted(z.string(), { queryable: true }),
      pins: z.array(z.object({ pin: secret(z.number()) })).default([]),
      size: z.number().default(1),
    }) {}
    await Vault.insertMany([{ code: 'OPEN-SESAME' }, { code: 'OPEN-SESAME' }])
    const errors = await Promise.all([
      Vault.find({ $or: [{ code: 'OPEN-SESAME' }, { size: 5 }] })
        .one()
        .catch(String),
      Promise.resolve()
        .then(() => Vault.find({ 'pins.pin': 'OPEN-SESAME' }).all())
        .catch(String),
      Promise.resolve()
        .then(() => Vault.find({ code: 7 as never }).all())
        .catch(String),
    ])
    expect(errors).toEqual([
      'MultipleDocumentsFound: more than one CryptVault matches {"$or":[{"code":"(hidden)"},{"size":5}]}',
      'InvalidFilter: filter on CryptVault: "pins.pin" is number, the value given is not',
      'InvalidFilter: filter on CryptVault: "code" is string, the value given is not',
    ])
  })
})
