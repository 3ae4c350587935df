import { audit, connect, connection, disconnect, model, softDelete, transaction, z } from 'goose-odm'
import { describe, expect, test } from 'vitest'
import { rootOf, type Seal, type SealFault, sealAudit, verifySeals } from '../../src/operations/audit-seal.ts'
import { type AuditFault, verifyChains } from '../../src/operations/audit-verify.ts'
import { recordBatch } from '../../src/runtime/audit-batch.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('auditverify')

class Deed extends model('VerifyDeed', { name: z.string(), count: z.number().default(0) }, { plugins: [audit()] }) {}
class Kept extends model('VerifyKept', { name: z.string() }, { plugins: [audit(), softDelete()] }) {}

const log = () => connection().db.collection('_audit_log')
const chains = () => connection().db.collection('_goose_chains')

/** A chain of its own: what other tests have written there would be missing. */
async function fresh() {
  const { db } = connection()
  const server = process.env.GOOSE_TEST_URI ?? undefined
  if (server) await connect(server, { database: db.databaseName })
  else {
    await disconnect()
    await connect('embedded::memory:', { database: db.databaseName })
  }
  for (const name of ['_audit_log', '_goose_chains', '_goose_seals'])
    await connection().db.collection(name).deleteMany({})
}

async function faults(): Promise<readonly AuditFault[]> {
  const found: AuditFault[] = []
  await verifyChains(connection().db, fault => found.push(fault))
  return found
}

async function sealFaults(kept?: Partial<Seal>): Promise<readonly SealFault[]> {
  const found: SealFault[] = []
  await verifySeals(connection().db, fault => found.push(fault), kept)
  return found
}

async function tenDeeds() {
  await fresh()
  for (let i = 0; i < 10; i++) await Deed.create({ name: `deed ${i}` })
  return log().find().sort({ seq: 1 }).toArray()
}

describe('an audit that nobody has touched', () => {
  test('is verified whole: single changes, batches, transactions, deletes', async () => {
    await tenDeeds()
    await Deed.insertMany(Array.from({ length: 20 }, (_, i) => ({ name: `many ${i}` })))
    await Deed.updateMany({ name: /many/ } as never, { $inc: { count: 1 } })
    await transaction(async () => {
      await Deed.create({ name: 'in' })
      await Deed.updateMany({ name: /deed/ } as never, { $inc: { count: 1 } })
    })
    await Deed.deleteMany({ count: 1 })
    await Kept.insertMany([{ name: 'a' }, { name: 'b' }])
    await Kept.deleteMany({ name: 'a' })
    const found: AuditFault[] = []
    const count = await verifyChains(connection().db, fault => found.push(fault))
    expect(found).toEqual([])
    const entries = (await log().find().toArray()).flatMap(unbundled).length
    expect(count).toEqual({ entries, chains: 1, batches: 5 })
    expect(await sealFaults()).toEqual([])
  })

  test('is verified while others write', async () => {
    await tenDeeds()
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await Deed.create({ name: `more ${i}` })
    })()
    for (let i = 0; i < 5; i++) expect(await faults()).toEqual([])
    await writing
    expect(await faults()).toEqual([])
  })
})

describe('verify finds', () => {
  test('an entry that was changed', async () => {
    const entries = await tenDeeds()
    await log().updateOne({ _id: entries[4]!._id }, { $set: { 'changes.name.to': 'another' } })
    const [fault, ...more] = await faults()
    expect(more).toEqual([])
    expect(fault).toMatchObject({ fault: 'changed', seq: 5, chain: entries[4]!.chain })
    expect(String(fault?.entry)).toBe(String(entries[4]!._id))
  })

  test('a field that was added to an entry, also behind its hash', async () => {
    const entries = await tenDeeds()
    await log().updateOne({ _id: entries[2]!._id }, { $set: { note: 'x' } })
    expect(await faults()).toMatchObject([{ fault: 'changed', seq: 3 }])
  })

  test('an entry that was removed', async () => {
    const entries = await tenDeeds()
    await log().deleteOne({ _id: entries[6]!._id })
    expect(await faults()).toMatchObject([{ fault: 'removed', seq: 8, detail: 'entry 7 before it' }])
  })

  test('the first entries removed', async () => {
    await tenDeeds()
    await log().deleteMany({ seq: { $lte: 3 } })
    expect(await faults()).toMatchObject([{ fault: 'removed', seq: 4, detail: 'entries 1 to 3 before it' }])
  })

  test('an entry that was inserted: beside the chains, behind the last, or as a chain of its own', async () => {
    const entries = await tenDeeds()
    const { _id, ...last } = entries[9]!
    await log().insertOne({ ...last, seq: 11 })
    expect(await faults()).toMatchObject([
      { fault: 'changed', seq: 11 },
      { fault: 'inserted', seq: 11 },
    ])
    await log().deleteOne({ seq: 11 })
    await log().insertOne({ model: 'VerifyDeed', changes: {} })
    expect(await faults()).toMatchObject([{ fault: 'inserted', detail: 'it has no place in any chain' }])
    await log().deleteOne({ chain: { $exists: false } })
    await log().insertOne({ ...last, chain: 'mine', seq: 1 })
    expect(await faults()).toMatchObject([{ chain: 'mine' }, { chain: 'mine', fault: 'removed' }])
  })

  test('a tail that was cut, and a chain that is gone as a whole', async () => {
    await tenDeeds()
    await log().deleteMany({ seq: { $gt: 7 } })
    expect(await faults()).toMatchObject([{ fault: 'cut', seq: 8, detail: 'it ends at 7, and had 10 entries' }])
    await log().deleteMany({})
    expect(await faults()).toMatchObject([{ fault: 'cut', seq: 1, detail: 'all its 10 entries are gone' }])
  })

  test('a chain whose place is no longer noted', async () => {
    await tenDeeds()
    await chains().deleteMany({})
    expect(await faults()).toMatchObject([{ fault: 'removed', seq: 10 }])
  })

  test('in a batch: an entry changed, removed, added, and all of them gone', async () => {
    await tenDeeds()
    await Deed.updateMany({ count: 0 }, { $inc: { count: 1 } })
    const entries = await log().find({ operation: 'update' }).sort({ seq: 1 }).toArray()
    expect(entries.map(entry => entry.hash)).toEqual(Array(10).fill(undefined))
    const chain = entries[0]!.chain
    await log().updateOne({ _id: entries[3]!._id }, { $set: { 'changes.count.to': 5 } })
    expect(await faults()).toMatchObject([{ fault: 'changed', chain, detail: 'its batch has another digest' }])
    await log().updateOne({ _id: entries[3]!._id }, { $set: { 'changes.count.to': 1 } })
    expect(await faults()).toEqual([])
    await log().deleteOne({ _id: entries[9]!._id })
    expect(await faults()).toMatchObject([{ fault: 'removed', chain, detail: '1 of its batch' }])
    await log().insertMany([entries[9]!, { ...entries[8]!, _id: 'more' as never, seq: 11 }])
    expect(await faults()).toMatchObject([{ fault: 'inserted', chain, detail: '1 in its batch' }])
    await log().deleteMany({ chain })
    expect(await faults()).toMatchObject([{ fault: 'removed', detail: 'the 10 entries of its batch, or the first' }])
  })
})

describe('a seal', () => {
  test('covers what is new since the one before, and finds what the chains cannot', async () => {
    await tenDeeds()
    const [first] = await sealAudit(connection().db)
    expect(first).toMatchObject({ _id: 1, entries: 10, previous: '', chains: [{ from: 1, to: 10 }] })
    expect(await sealAudit(connection().db)).toEqual([])
    await Deed.create({ name: 'one more' })
    const [second] = await sealAudit(connection().db)
    expect(second).toMatchObject({ _id: 2, entries: 1, previous: first!.root, chains: [{ from: 11, to: 11 }] })
    expect(await sealFaults()).toEqual([])
    expect(await sealFaults({ root: first!.root })).toEqual([])
    // Somebody who cuts the log and notes the new end as well leaves chains that are whole.
    await log().deleteMany({ seq: { $gt: 8 } })
    const end = await log().findOne({ seq: 8 })
    await chains().updateMany({}, { $set: { seq: 8, hash: end!.hash } })
    expect(await faults()).toEqual([])
    expect(await sealFaults()).toMatchObject([
      { seal: 1, seq: 10, detail: 'what it sealed is gone' },
      { seal: 2, seq: 11 },
    ])
  })

  test('that was kept elsewhere finds seals that were removed, and a log that was written anew', async () => {
    await tenDeeds()
    const [seal] = await sealAudit(connection().db)
    await tenDeeds()
    await sealAudit(connection().db)
    expect(await sealFaults()).toEqual([])
    expect(await sealFaults({ root: seal!.root })).toMatchObject([{ detail: expect.stringContaining(seal!.root) }])
    expect(await sealFaults(seal)).toHaveLength(2)
  })

  test('that was changed, and one that was removed, are found', async () => {
    await tenDeeds()
    await sealAudit(connection().db)
    await Deed.create({ name: 'x' })
    const [second] = await sealAudit(connection().db)
    const seals = connection().db.collection<Seal>('_goose_seals')
    await seals.updateOne({ _id: 1 }, { $set: { entries: 3 } })
    expect(await sealFaults()).toMatchObject([{ seal: 1, detail: 'its root is not that of what it holds' }])
    await seals.deleteOne({ _id: 1 })
    expect(await sealFaults()).toMatchObject([{ seal: 2, detail: 'the seals before it are gone' }])
    expect(rootOf(second!)).toBe(second!.root)
  })

  test('is split where there are many chains, and refuses to vouch for a broken one', async () => {
    await tenDeeds()
    await connect(process.env.GOOSE_TEST_URI ?? connection().uri, { database: connection().db.databaseName })
    if (!process.env.GOOSE_TEST_URI) await tenDeeds()
    else await Deed.create({ name: 'by another writer' })
    const seals = await sealAudit(connection().db, 1)
    expect(seals.map(seal => seal.chains.length)).toEqual(process.env.GOOSE_TEST_URI ? [1, 1] : [1])
    expect(await sealFaults()).toEqual([])
    await Deed.create({ name: 'x' })
    await log().deleteMany({})
    await expect(sealAudit(connection().db)).rejects.toThrow('the audit is broken: chain')
  })

  test('of two that seal at once, each place is sealed once', async () => {
    await tenDeeds()
    const sealed = (await Promise.all([sealAudit(connection().db), sealAudit(connection().db)])).flat()
    expect(sealed.reduce((sum, seal) => sum + seal.entries, 0)).toBe(10)
    expect(await sealFaults()).toEqual([])
  })
})

describe('a batch of a long operation', () => {
  const recordings = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ documentId: i, before: { count: 0 }, after: { count: 1 } }))

  test('is recorded once, though it is recorded again after a crash', async () => {
    await fresh()
    const batch = { op: 'op_test', operation: 'update', number: 3, recordings: recordings(5) } as const
    await recordBatch(Deed.definition, batch)
    await recordBatch(Deed.definition, batch)
    expect(await log().countDocuments({ operation: 'update' })).toBe(5)
    expect(await log().countDocuments({ operation: 'batch' })).toBe(1)
    expect(await faults()).toEqual([])
  })

  test('is completed when a crash left a part of it', async () => {
    await fresh()
    const batch = { op: 'op_test', operation: 'update', number: 3 } as const
    await recordBatch(Deed.definition, { ...batch, recordings: recordings(8) })
    const { db } = connection()
    await log().deleteMany({ $or: [{ operation: 'batch' }, { seq: { $gt: 3 } }] })
    await chains().deleteMany({})
    expect(await faults()).toMatchObject([{ fault: 'open', detail: 'its batch has no digest' }])
    if (process.env.GOOSE_TEST_URI) await connect(process.env.GOOSE_TEST_URI, { database: db.databaseName })
    await recordBatch(Deed.definition, { ...batch, recordings: recordings(8) })
    expect(await log().distinct('documentId', { operation: 'update' })).toHaveLength(8)
    const found = await faults()
    expect(found.filter(({ chain }) => chain === 'op_test.3')).toEqual([])
  })

  test('in a transaction that fails it is not recorded', async () => {
    await fresh()
    const failing = transaction(async () => {
      await recordBatch(Deed.definition, { op: 'op_x', operation: 'update', number: 1, recordings: recordings(5) })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await log().countDocuments()).toBe(0)
    expect(await faults()).toEqual([])
  })
})
