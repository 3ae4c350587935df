// What is secret, encrypted or masked is nowhere in the log, however it was written.
import { inspect } from 'node:util'
import { audit, connection, encrypted, generateKey, model, secret, setKeys, softDelete, z } from 'goose-odm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('auditsecrets')
beforeAll(() => setKeys([{ id: 'k', key: generateKey() }]))
afterAll(() => setKeys())

class Safe extends model(
  'SafeBox',
  {
    name: z.string(),
    pin: secret(z.string()).optional(),
    pins: z.array(secret(z.string())).default([]),
    card: z.object({ code: secret(z.string()), kind: z.string() }).optional(),
    cards: z.array(z.object({ code: secret(z.string()), kind: z.string() })).default([]),
    grid: z.array(z.array(z.object({ code: secret(z.string()) }))).default([]),
    note: encrypted(z.string()).optional(),
    notes: z.array(encrypted(z.string())).default([]),
    deep: z.object({ note: encrypted(z.string()), n: z.number() }).optional(),
    remark: z.object({ text: z.string() }).optional(),
  },
  { plugins: [audit({ mask: ['remark.text'] })] },
) {}

const all = {
  name: 'a',
  pin: 'HIDE-1',
  pins: ['HIDE-2'],
  card: { code: 'HIDE-3', kind: 'v' },
  cards: [{ code: 'HIDE-4', kind: 'v' }],
  grid: [[{ code: 'HIDE-5' }]],
  note: 'HIDE-6',
  notes: ['HIDE-7'],
  deep: { note: 'HIDE-8', n: 1 },
  remark: { text: 'HIDE-9' },
}
const log = async () => {
  const raw = await connection().db.collection('_audit_log').find({}, { raw: true }).toArray()
  return raw.map(bytes => (bytes as unknown as Buffer).toString('latin1')).join('\n')
}
// Ciphertext begins with the mark of its envelope and the id of its key.
const envelope = `g${String.fromCharCode(1, 1)}k`
const leaks = async () => (await log()).match(new RegExp(`HIDE-\\d|${envelope}`, 'g'))

type Way = (safe: Safe) => unknown
const ways: Record<string, Way> = {
  create: () => Safe.create(all),
  insertMany: () => Safe.insertMany([all, all]),
  'a save of everything': safe => Object.assign(safe, structuredClone(all)).save(),
  'a save inside lists and objects': async safe => {
    safe.cards[0]!.code = 'HIDE-1'
    safe.card!.code = 'HIDE-1'
    safe.grid[0]![0]!.code = 'HIDE-1'
    safe.pins.push('HIDE-1')
    safe.notes.push('HIDE-1')
    safe.deep!.note = 'HIDE-1'
    await safe.save()
  },
  $set: safe =>
    safe.update({ $set: { 'card.code': 'HIDE-1', 'pins.0': 'HIDE-1', 'deep.note': 'HIDE-1', remark: all.remark } }),
  $push: safe => safe.update({ $push: { pins: 'HIDE-1', cards: { $each: all.cards }, notes: 'HIDE-1' } }),
  $unset: safe => safe.update({ $unset: { pin: 1, card: 1, note: 1, deep: 1 } }),
  'updateMany with operators': () =>
    Safe.updateMany({ name: 'a' }, { $set: { pin: 'HIDE-1', cards: all.cards, note: 'HIDE-1' } }),
  'updateMany with a pipeline': () =>
    Safe.updateMany({ name: 'a' }, [{ $set: { pin: '$card.code', name: 'b' } }, { $unset: 'card' }]),
  bulkWrite: () =>
    Safe.bulkWrite([
      { updateMany: { filter: { name: 'a' }, update: { $push: { pins: 'HIDE-1' } } } },
      { insertOne: { document: all } },
      { replaceOne: { filter: { name: 'a' }, replacement: all } },
    ]),
  delete: safe => safe.delete(),
  deleteMany: () => Safe.deleteMany({ name: 'a' }),
}

test.each(Object.entries(ways))('%s leaves no hidden value in the log', async (_, way) => {
  const safe = await Safe.create({ ...all, cards: [...all.cards] })
  await way(safe)
  expect(await leaks()).toBeNull()
  expect(await log()).toContain('(masked)')
})

test('neither console.log nor JSON show one that lies in a list or an object', async () => {
  const safe = await Safe.create(all)
  expect(inspect(safe, { depth: 9 }).match(/HIDE-[^9]/g)).toBeNull()
  expect(JSON.stringify(safe).match(/HIDE-[1-5]/g)).toBeNull()
  expect(Object.keys(safe.toJSON())).not.toContain('pins')
})

test.each([
  ['$rename', { $rename: { pin: 'name' } }, '"name" would show what "pin" hides'],
  ['a copy', [{ $set: { name: '$pin' } }], '"name" would show what "pin" hides'],
  [
    'a copy inside an expression',
    [{ $set: { name: { $concat: ['x', '$card.code'] } } }],
    'would show what "card.code" hides',
  ],
  ['a copy by name', [{ $set: { name: { $getField: 'pin' } } }], 'would show what "pin" hides'],
  ['the whole document', [{ $set: { name: '$$ROOT' } }], '"name" would show what the document hides'],
  [
    'another root',
    [{ $replaceWith: { $mergeObjects: ['$$ROOT', { note: 'HIDE-1' }] } }],
    '$replaceWith could store encrypted fields in clear',
  ],
])('an update that would show a hidden value by %s is refused', async (_, update, message) => {
  const safe = await Safe.create(all)
  await expect(safe.update(update as never)).rejects.toThrow(message)
  await expect(Safe.updateMany({ name: 'a' }, update as never)).rejects.toThrow(message)
  expect(await Safe.get(safe._id)).toMatchObject(all)
})

test('what was masked inside an object cannot be taken back, and is not written', async () => {
  const safe = await Safe.create(all)
  Object.assign(safe, { card: undefined })
  await safe.save()
  const [created] = await safe.history()
  await expect(safe.revertTo(created!)).rejects.toThrow('"card" is masked in the log')
  expect((await Safe.get(safe._id)).card).toBeUndefined()
})

describe('variants', () => {
  class Staff extends model('SafeStaff', { name: z.string() }, { plugins: [audit(), softDelete()] }) {}
  class Guard extends Staff.variant('safeGuard', { pin: secret(z.string()), badge: encrypted(z.string()) }) {}
  class Clerk extends Staff.variant('safeClerk', { badge: z.string() }) {}

  test('leave no hidden value in the log when their model changes them', async () => {
    const guard = await Guard.create({ name: 'a', pin: 'HIDE-1', badge: 'HIDE-2' })
    await Clerk.create({ name: 'a', badge: 'open' })
    await Staff.updateMany({ name: 'a' }, { $set: { name: 'b' } })
    await Staff.deleteMany({ name: 'b' })
    await (await Staff.findDeleted({ _id: guard._id }).one())!.hardDelete()
    expect(await leaks()).toBeNull()
    expect(await log()).toContain('open')
  })

  test('tell in their history what their model has changed', async () => {
    const guard = await Guard.create({ name: 'a', pin: '1', badge: '2' })
    await Staff.updateMany({ name: 'a' }, { $set: { name: 'b' } })
    await guard.reload()
    expect((await guard.history()).map(entry => entry.operation)).toEqual(['insert', 'update'])
    await guard.revertTo((await guard.history())[0]!)
    expect((await Staff.get(guard._id)).name).toBe('a')
  })

  test('are encrypted anew each by its own fields', async () => {
    const [old, young] = [
      { id: 'k', key: generateKey() },
      { id: 'k2', key: generateKey() },
    ]
    setKeys([old])
    const guard = await Guard.create({ name: 'a', pin: '1', badge: 'x' })
    const clerk = await Clerk.create({ name: 'b', badge: 'open' })
    setKeys([young, old])
    expect(await Staff.rotateKeys()).toMatchObject({ read: 2, changed: 1 })
    expect(await Guard.rotateKeys()).toMatchObject({ read: 1, changed: 0 })
    setKeys([young])
    expect(await Staff.get(guard._id)).toMatchObject({ badge: 'x' })
    expect(await Staff.get(clerk._id)).toMatchObject({ badge: 'open' })
  })
})
