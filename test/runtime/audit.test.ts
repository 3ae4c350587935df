import {
  type AuditEntry,
  audit,
  auditContext,
  connection,
  definePlugin,
  model,
  secret,
  setAuditContext,
  softDelete,
  timestamps,
  transaction,
  version,
  z,
} from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { prepareAudit } from '../../src/runtime/audit-batch.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { hashOf } from '../../src/runtime/audit-chain.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('audit')

class Post extends model(
  'AuditPost',
  {
    title: z.string(),
    tags: z.array(z.string()).default([]),
    meta: z.object({ score: z.number(), token: secret(z.string()).optional() }).optional(),
    email: z.string().optional(),
    passwordHash: secret(z.string()).optional(),
  },
  { plugins: [audit({ mask: ['email'] }), softDelete()] },
) {}

const log = async () =>
  (await connection().db.collection('_audit_log').find().sort({ at: 1, seq: 1 }).toArray()).flatMap(unbundled)
const clear = () => connection().db.collection('_audit_log').deleteMany({})

let post: Post
beforeEach(async () => {
  await connection()
    .db.collection('_audit_log')
    .insertOne({ _id: 'there' as never })
  post = await Post.create({ title: 'one', email: 'a@b.c', passwordHash: 'hash', meta: { score: 1, token: 't' } })
  await clear()
})

describe('an audited model', () => {
  test('a created document leaves an entry; secret and masked values do not', async () => {
    await Post.create({ title: 'two', email: 'x@y.z', passwordHash: 'hash', meta: { score: 1, token: 'secret token' } })
    const [entry, ...more] = await log()
    expect(more).toEqual([])
    expect(entry).toMatchObject({
      operation: 'insert',
      model: 'AuditPost',
      collection: 'auditposts',
      via: 'app',
      by: {},
    })
    expect(entry?.changes).toMatchObject({
      title: { to: 'two' },
      email: { to: '(masked)' },
      passwordHash: { to: '(masked)' },
      meta: { to: { score: 1, token: '(masked)' } },
    })
    expect(JSON.stringify(entry)).not.toMatch(/x@y|hash":\{"to":"hash|secret token/)
  })

  test('a save leaves what has changed, before and after, with who and why', async () => {
    post.title = 'two'
    post.meta!.score = 2
    await auditContext.run(
      { userId: 'ada', ipAddress: '::1', requestId: 'r1', reason: 'typo', op: 'op_7', via: 'cli' },
      () => post.save(),
    )
    const [entry] = await log()
    expect(entry).toMatchObject({
      operation: 'update',
      op: 'op_7',
      by: { userId: 'ada', ipAddress: '::1', requestId: 'r1' },
      reason: 'typo',
      via: 'cli',
    })
    expect(entry?.changes).toEqual({ title: { from: 'one', to: 'two' }, 'meta.score': { from: 1, to: 2 } })
    expect(String(entry?.documentId)).toBe(String(post._id))
  })

  test('delete, restore, hardDelete, update and the bulk ways leave entries', async () => {
    await post.delete()
    await post.restore()
    await post.update({ $set: { title: 'three' } })
    await Post.updateMany({ title: 'three' }, { $set: { title: 'four' }, $push: { tags: 'x' } })
    await Post.deleteMany({ title: 'four' })
    await (await Post.findDeleted().first())!.hardDelete()
    const entries = await log()
    expect(entries.map(entry => entry.operation)).toEqual(['delete', 'restore', 'update', 'update', 'delete', 'delete'])
    expect(entries[0]?.changes).toMatchObject({ deletedAt: { from: null } })
    expect(entries[2]?.changes).toEqual({ title: { from: 'one', to: 'three' } })
    expect(entries[3]?.changes).toEqual({ title: { from: 'three', to: 'four' }, tags: { from: [], to: ['x'] } })
    expect(entries[5]?.changes).toMatchObject({ title: { from: 'four' } })
  })

  test('each writer chains its entries by hash', async () => {
    for (const title of ['a', 'b', 'c']) {
      post.title = title
      await post.save()
    }
    await Promise.all([Post.create({ title: 'x' }), Post.create({ title: 'y' }), Post.create({ title: 'z' })])
    const entries = (await log()).sort((a, b) => a.seq - b.seq)
    expect(new Set(entries.map(entry => entry.chain)).size).toBe(1)
    for (const [i, entry] of entries.entries()) {
      if (i === 0) continue
      expect(entry.seq).toBe(entries[i - 1]!.seq + 1)
      expect(entry.hash).toBe(hashOf(entry, entries[i - 1]!.hash!))
    }
    expect(hashOf({ ...entries[2]!, reason: 'forged' }, entries[1]!.hash!)).not.toBe(entries[2]!.hash)
  })

  test('a change that fails leaves no entry of a change, and an aborted transaction leaves none at all', async () => {
    const gone = await Post.get(post._id)
    await (await Post.collection()).deleteMany({})
    gone.title = 'two'
    await expect(gone.save()).rejects.toThrow()
    expect((await log()).filter(entry => entry.operation === 'update')).toEqual([])
    await expect(
      transaction(async () => {
        await Post.create({ title: 'x' })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect((await log()).filter(entry => entry.operation === 'insert')).toEqual([])
    const before = await Post.create({ title: 'kept' })
    expect((await before.history()).map(entry => entry.operation)).toEqual(['insert'])
  })

  test('a change whose entry cannot be written does not happen', async () => {
    const { db } = connection()
    await clear()
    await db.collection('_audit_log').createIndex({ model: 1 }, { unique: true })
    await Post.create({ title: 'first' })
    await expect(Post.create({ title: 'second' })).rejects.toThrow()
    expect(await Post.count({ title: 'second' })).toBe(0)
    await db.collection('_audit_log').dropIndex('model_1')
  })

  test('operations of one context share its id', async () => {
    await auditContext.run({ op: 'op_9', userId: 1 }, async () => {
      await Post.create({ title: 'x' })
      setAuditContext({ ...auditContext.get(), reason: 'later' })
      await post.delete()
    })
    expect((await log()).map(entry => [entry.op, entry.reason])).toEqual([
      ['op_9', undefined],
      ['op_9', 'later'],
    ])
    expect(auditContext.get()).toEqual({})
  })
})

class Room extends model(
  'AuditRoom',
  { name: z.string() },
  { plugins: [audit(), softDelete({ cascade: [{ model: () => Desk, by: 'room' }] }), timestamps(), version()] },
) {}
class Desk extends model(
  'AuditDesk',
  { room: z.unknown(), label: z.string() },
  { plugins: [timestamps(), softDelete(), audit(), version()] },
) {}

describe('with soft delete and version', () => {
  test('a cascade is one operation: mark, entries and restore carry its id', async () => {
    const room = await Room.create({ name: 'one' })
    await Desk.insertMany([
      { room: room._id, label: 'a' },
      { room: room._id, label: 'b' },
    ])
    await clear()
    await room.delete()
    const entries = (await log()).filter(entry => entry.operation !== 'batch')
    expect(entries.map(entry => [entry.operation, entry.model]).sort()).toEqual([
      ['delete', 'AuditDesk'],
      ['delete', 'AuditDesk'],
      ['delete', 'AuditRoom'],
    ])
    const op = (room as unknown as { deletion: { op: string } }).deletion.op
    expect(new Set(entries.map(entry => entry.op))).toEqual(new Set([op]))
    for (const entry of entries)
      expect(Object.keys(entry.changes).sort()).toEqual(['deletedAt', 'deletion', 'updatedAt'])
    await clear()
    await room.restore()
    const restored = (await log()).filter(entry => entry.operation !== 'batch')
    expect(restored.map(entry => entry.operation)).toEqual(['restore', 'restore', 'restore'])
    expect(new Set(restored.map(entry => entry.op)).size).toBe(1)
    const desk = await Desk.findOne({ label: 'a' })
    const entry = restored.find(({ documentId }) => String(documentId) === String(desk!._id))
    expect(entry?.changes.updatedAt?.to).toEqual(desk!.updatedAt)
  })

  test('a bulk change of many batches is one operation, with one digest for each batch', async () => {
    await Desk.insertMany(Array.from({ length: 1100 }, (_, i) => ({ room: null, label: `desk ${i}` })))
    await clear()
    await Desk.updateMany({ room: null }, { $set: { label: 'same' } })
    const entries = await log()
    expect(new Set(entries.map(entry => entry.op)).size).toBe(1)
    expect(entries.filter(entry => entry.operation === 'update')).toHaveLength(1100)
    const digests = entries.filter(entry => entry.operation === 'batch').map(entry => entry.batch?.count)
    // Bundles of a hundred.
    expect(digests.sort()).toEqual([1, 5, 5])
  })

  test('each save counts the version in its entry, and taking back counts on', async () => {
    const room = await Room.create({ name: 'one' })
    room.name = 'two'
    await room.save()
    room.name = 'three'
    await room.save()
    const history = await room.history()
    expect(history.map(entry => entry.changes._v?.to)).toEqual([0, 1, 2])
    await room.revertTo(history[0]!)
    expect(await Room.get(room._id)).toMatchObject({ name: 'one', _v: 3 })
    const stale = await Room.get(room._id)
    room.name = 'four'
    await room.save()
    stale.name = 'five'
    await expect(stale.save()).rejects.toThrow('somebody else')
    expect((await room.history()).map(entry => entry.changes._v?.to)).toEqual([0, 1, 2, 3, 4])
  })

  test('the log has an index for each way of asking', async () => {
    await prepareAudit(Room.definition)
    const names = (await connection().db.collection('_audit_log').indexes()).map(index => index.name)
    expect(names).toContain('chain_1_seq_1')
    expect(names).toContain('documentId_1_at_-1__id_-1')
  })
})

describe('history', () => {
  test('tells what happened, and takes back', async () => {
    const fresh = await Post.create({ title: 'one', tags: ['a'] })
    fresh.title = 'two'
    await fresh.save()
    fresh.title = 'three'
    fresh.tags = ['b']
    await fresh.save()
    const history = await fresh.history()
    expect(history.map(entry => entry.operation)).toEqual(['insert', 'update', 'update'])
    await fresh.revertTo(history[1]!)
    expect([fresh.title, fresh.tags]).toEqual(['two', ['a']])
    expect(await Post.get(fresh._id)).toMatchObject({ title: 'two', tags: ['a'] })
    expect((await fresh.history()).at(-1)?.reason).toBe(`revert to ${history[1]!._id}`)
  })

  test('what is masked in the log cannot be taken back', async () => {
    const fresh = await Post.create({ title: 'one' })
    const [first] = await fresh.history()
    fresh.email = 'a@b.c'
    await fresh.save()
    fresh.email = 'x@y.z'
    await fresh.save()
    await expect(fresh.revertTo(first!)).rejects.toThrow('"email" is masked in the log')
  })

  test('a model without audit refuses by name', async () => {
    class Plain extends model('AuditPlain', { name: z.string() }, { plugins: [timestamps()] }) {}
    const plain = await Plain.create({ name: 'x' })
    await expect((plain as unknown as Post).history()).rejects.toThrow('AuditPlain has no audit')
    expect(await log()).toEqual([])
  })
})

describe('what an entry says of before', () => {
  class Line extends model(
    'AuditLine',
    { name: z.string(), tags: z.array(z.string()).default([]), size: z.number().default(1) },
    { plugins: [audit()] },
  ) {}
  const changes = async () => (await entries()).map(entry => entry.changes)
  const entries = async () =>
    (await connection()
      .db.collection('_audit_log')
      .find({ model: 'AuditLine' })
      .sort({ _id: 1 })
      .toArray()) as unknown as AuditEntry[]

  test('is what was stored at that moment, not what the document was loaded with', async () => {
    const mine = await Line.create({ name: 'a' })
    const theirs = await Line.get(mine._id)
    Object.assign(theirs, { name: 'b', tags: ['x'] })
    await theirs.save()
    mine.name = 'c'
    mine.tags.push('y')
    await mine.save()
    expect((await changes())[2]).toEqual({ name: { from: 'b', to: 'c' }, tags: { from: ['x'], to: ['x', 'y'] } })
    expect(await (await Line.collection()).findOne()).toMatchObject({ name: 'c', tags: ['x', 'y'] })
  })

  test('is the whole document when it is deleted, though only a part of it was read', async () => {
    await Line.create({ name: 'a', size: 7 })
    const part = (await Line.find().select('name').first())!
    await part.delete()
    expect((await changes())[1]).toEqual({ name: { from: 'a' }, tags: { from: [] }, size: { from: 7 } })
  })

  test('is there for documents that leave the scope of their model by the change', async () => {
    const open = definePlugin({ name: 'open', scope: () => ({ closed: false }) })
    class Ticket extends model('AuditTicket', { closed: z.boolean().default(false) }, { plugins: [open, audit()] }) {}
    const ticket = await Ticket.create({})
    await Ticket.updateMany({ closed: false }, { $set: { closed: true } })
    expect((await ticket.history()).at(-1)?.changes).toEqual({ closed: { from: false, to: true } })
  })

  test('and ids of several types are all reached', async () => {
    const lines = await Line.collection()
    await lines.insertMany([
      ...Array.from({ length: 600 }, (_, i) => ({ _id: i as never, name: 'n' })),
      { _id: 'text' as never, name: 'n' },
      { name: 'n' },
    ])
    expect(await Line.updateMany({ name: 'n' }, { $set: { size: 2 } })).toMatchObject({ matchedCount: 602 })
    expect(await lines.countDocuments({ size: 2 })).toBe(602)
    expect(await Line.deleteMany({ name: 'n' })).toEqual({ deletedCount: 602 })
  })
})
