// Variants: several classes in one collection, each with fields of its own.
import { audit, connection, DocumentNotFound, encrypted, generateKey, model, ref, setKeys, z } from 'goose-odm'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('variants')
setKeys([{ id: 'k', key: generateKey() }])

class Account extends model(
  'VariantAccount',
  { name: z.string(), pin: encrypted(z.string(), { queryable: true }).optional(), boss: ref(() => Account).optional() },
  { indexes: [{ key: { name: 1 } }], plugins: [audit()] },
) {
  get label() {
    return `account ${this.name}`
  }
  static byName(name: string) {
    return name.length
  }
}
class Admin extends Account.variant(
  'admin',
  { rights: z.array(z.string()).default([]) },
  { indexes: [{ key: { rights: 1 } }] },
) {
  override get label() {
    return `admin ${this.name}`
  }
  can(right: string) {
    return this.rights.includes(right)
  }
  override preSave() {
    if (this.rights.includes('*')) this.rights = ['all']
  }
}
class Owner extends Admin.variant('owner', { since: z.date() }) {}
class Guest extends Account.variant('guest', { until: z.date() }) {}

const raw = () => connection().db.collection(Account.definition.collection)
const fill = async () => {
  await Account.create({ name: 'Ada' })
  await Admin.create({ name: 'Bob', rights: ['write'], pin: '1' })
  await Owner.create({ name: 'Cy', since: new Date(0), rights: ['*'], pin: '1' })
  await Guest.create({ name: 'Di', until: new Date(1) })
}

describe('variants', () => {
  test('lie in the collection of their model, each told apart by one field', async () => {
    await fill()
    expect((await raw().find().sort({ name: 1 }).toArray()).map(stored => [stored.name, stored._type])).toEqual([
      ['Ada', undefined],
      ['Bob', 'admin'],
      ['Cy', 'owner'],
      ['Di', 'guest'],
    ])
  })

  test('are found as what they are, by their model and by themselves', async () => {
    await fill()
    const all = await Account.find().sort('name').all()
    expect(all.map(account => account.constructor)).toEqual([Account, Admin, Owner, Guest])
    expect(all.map(account => account.label)).toEqual(['account Ada', 'admin Bob', 'admin Cy', 'account Di'])
    expect((await Admin.find().sort('name').all()).map(admin => admin.name)).toEqual(['Bob', 'Cy'])
    expect(await Owner.count()).toBe(1)
    expect(await Guest.count({ name: 'Bob' })).toBe(0)
    await expect(Guest.get(all[1]!)).rejects.toThrow(DocumentNotFound)
  })

  test('have the fields, methods and statics of both, with their types', async () => {
    await fill()
    const admin = (await Admin.findOne({ name: 'Bob' }))!
    expectTypeOf(admin.rights).toEqualTypeOf<string[]>()
    expectTypeOf(admin.name).toBeString()
    expect([admin.can('write'), admin.label, Admin.byName('abc')]).toEqual([true, 'admin Bob', 3])
    const account = (await Account.findOne({ name: 'Bob' }))!
    // @ts-expect-error: rights belong to admins only
    void account.rights
    if (account instanceof Admin) expectTypeOf(account.can('write')).toBeBoolean()
    expect(account instanceof Admin).toBe(true)
    expect((await Account.findOne({ name: 'Di' })) instanceof Admin).toBe(false)
    // @ts-expect-error: an owner needs since
    await expect(Owner.create({ name: 'x' })).rejects.toThrow('since: is required')
    // @ts-expect-error: rights are text
    await expect(Admin.create({ name: 'x', rights: [1] })).rejects.toThrow('rights')
  })

  test('run their own hooks when their model has loaded them', async () => {
    await fill()
    const bob = (await Account.findOne({ name: 'Bob' }))!
    if (bob instanceof Admin) bob.rights.push('*')
    await bob.save()
    expect((await raw().findOne({ name: 'Bob' }))?.rights).toEqual(['all'])
  })

  test('are updated and deleted without touching the others', async () => {
    await fill()
    expect(await Admin.updateMany({}, { $set: { name: 'X' } }, { all: true })).toMatchObject({ modifiedCount: 2 })
    expect(await Guest.deleteMany({ name: 'X' })).toEqual({ deletedCount: 0 })
    expect(await Account.count({ name: 'X' })).toBe(2)
    expect(await Admin.deleteMany({}, { all: true })).toEqual({ deletedCount: 2 })
    expect(await Account.count()).toBe(2)
  })

  test('stand where their model is referred to', async () => {
    const boss = await Admin.create({ name: 'Bob' })
    const account = await Account.create({ name: 'Ada', boss })
    expect((await account.populate('boss')).boss?.label).toBe('admin Bob')
  })

  test('encrypt alike, so that either class can read and ask', async () => {
    await fill()
    expect((await Account.find({ pin: '1' }).all()).map(account => account.pin)).toEqual(['1', '1'])
    expect((await Owner.findOne({ pin: '1' }))?.name).toBe('Cy')
  })

  test('share the indexes of the collection', async () => {
    expect((await Account.syncIndexes()).created).toEqual(['name_1', 'rights_1'])
    expect(await Admin.diffIndexes()).toMatchObject({ create: [], change: [], extra: [] })
  })

  test('may be told apart by a field of the model', async () => {
    class Shape extends model('VariantShape', { kind: z.string(), area: z.number() }) {}
    class Circle extends Shape.variant('circle', { radius: z.number() }, { by: 'kind' }) {}
    await Circle.create({ area: 3, radius: 1 } as never)
    const found = await Shape.find().first()
    expect([found instanceof Circle, found?.kind]).toEqual([true, 'circle'])
    expect(() => Shape.variant('square', {}, { by: 'form' })).toThrow('told apart by "kind"')
    expect(() => Shape.variant('oval', { area: z.number() })).toThrow('its variant "oval" declares "area" again')
  })
})
