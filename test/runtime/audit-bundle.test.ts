// Bundles of the audit: many changes in one document, read as the entries they stand for wherever entries are read.
import { audit, connection, model, z } from 'goose-odm'
import { beforeEach, expect, test } from 'vitest'
import { type AuditQuestion, auditPage, findEntry } from '../../src/operations/audit-reading.ts'
import { type AuditFault, verifyChains } from '../../src/operations/audit-verify.ts'
import { recordBatch } from '../../src/runtime/audit-batch.ts'
import { isBundle, unbundled } from '../../src/runtime/audit-bundle.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('auditbundle')

class Crate extends model(
  'BundleCrate',
  { _id: z.int(), size: z.int(), note: z.string().optional() },
  { plugins: [audit()] },
) {}

const COUNT = 250
const stored = () => connection().db.collection('_audit_log').find().sort({ at: 1, _id: 1 }).toArray()
const read = async (question: AuditQuestion, limit = 0, after?: string) => {
  const page = auditPage(connection().db, question, { limit, after })
  const entries = []
  for await (const entry of page.entries) entries.push(entry)
  return { entries, next: page.next() }
}
const faults = async () => {
  const found: AuditFault[] = []
  await verifyChains(connection().db, fault => found.push(fault))
  // The database is emptied between tests, and the chain of this process goes on.
  return found.filter(({ chain }) => chain.startsWith('op_')).map(({ fault, chain }) => [fault, chain.split('.')[0]])
}

beforeEach(async () => {
  await (await Crate.collection()).insertMany(Array.from({ length: COUNT }, (_, n) => ({ _id: n, size: n })) as never)
  await Crate.updateMany({ size: { $gte: 0 } }, { $inc: { size: 1000 } })
  await Crate.updateMany({ size: { $gte: 1245 } }, { $set: { note: 'large' } })
})

test('a change of many documents is kept in a few, one of few documents in an entry for each', async () => {
  const log = (await stored()).filter(({ operation }) => operation === 'update')
  expect(log.filter(isBundle).map(({ documentId }) => documentId.length)).toEqual([100, 100, 50])
  expect(log.filter(entry => !isBundle(entry))).toHaveLength(5)
})

test('the entries are read newest first, page by page, each once and with an id of its own', async () => {
  const { entries } = await read({})
  expect(entries).toHaveLength(COUNT + 5)
  expect(new Set(entries.map(({ _id }) => String(_id))).size).toBe(COUNT + 5)
  expect(entries.at(-1)).toMatchObject({ documentId: 0, changes: { size: { from: 0, to: 1000 } }, fields: ['size'] })
  const ids: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await read({}, 7, after)
    ids.push(...page.entries.map(({ _id }) => String(_id)))
    after = page.next
    if (after === undefined) break
  }
  expect(ids).toEqual(entries.map(({ _id }) => String(_id)))
})

test('a document finds its own entries, and so does a field', async () => {
  const { entries } = await read({ documentId: 247 })
  expect(entries.map(({ changes }) => Object.keys(changes))).toEqual([['note'], ['size']])
  expect((await read({ documentId: 100 }, 5)).entries).toMatchObject([{ documentId: 100, operation: 'update' }])
  expect((await read({ field: 'note' })).entries).toHaveLength(5)
  expect((await read({ field: 'size' }, 30)).entries).toHaveLength(30)
  expect(await (await Crate.get(247)).history()).toMatchObject([
    { changes: { size: { to: 1247 } } },
    { changes: { note: { to: 'large' } } },
  ])
})

test('an entry in the middle of a bundle is found by its id and by the end of it', async () => {
  const { entries } = await read({ documentId: 137 })
  const id = String(entries[0]!._id)
  expect(await findEntry(connection().db, id)).toEqual(entries[0])
  expect(await findEntry(connection().db, id.slice(-6))).toEqual(entries[0])
  expect(await findEntry(connection().db, 'last')).toMatchObject({ documentId: 249, fields: ['note'] })
})

test('a document can be given back what a bundle says it was', async () => {
  const crate = await Crate.get(30)
  crate.size = 7
  await crate.save()
  const [bundled] = await crate.history()
  await crate.revertTo(bundled!)
  expect((await Crate.get(30)).size).toBe(1030)
})

test('a value changed inside of a bundle is found, and so is one that is gone', async () => {
  expect(await faults()).toEqual([])
  const log = connection().db.collection('_audit_log')
  const [bundle, other] = (await stored()).filter(isBundle)
  await log.updateOne({ _id: bundle!._id }, { $set: { 'columns.size.from.3': 9 } })
  expect(await faults()).toEqual([['changed', bundle!.op]])
  await log.updateOne({ _id: bundle!._id }, { $set: { 'columns.size.from.3': 3 } })
  expect(await faults()).toEqual([])
  await log.deleteOne({ _id: other!._id })
  expect(await faults()).toContainEqual(['removed', bundle!.op])
})

test('a batch that is recorded again is completed, not doubled', async () => {
  const recordings = Array.from({ length: 60 }, (_, n) => ({ documentId: n, before: { n }, after: { n: n + 1 } }))
  const part = { op: 'op_again', operation: 'update' as const, number: 1 }
  await recordBatch(Crate.definition, { ...part, recordings: recordings.slice(0, 40) })
  // As a crash leaves it: the entries, and no digest yet.
  await connection()
    .db.collection('_audit_log')
    .deleteOne({ _id: 'op_again.1' as never })
  await recordBatch(Crate.definition, { ...part, recordings })
  await recordBatch(Crate.definition, { ...part, recordings })
  const all = (await stored()).filter(({ op, operation }) => op === 'op_again' && operation === 'update')
  expect(all.flatMap(unbundled).map(({ documentId }) => documentId)).toEqual(recordings.map(one => one.documentId))
})

test('what would be larger than a document may be is kept in several', async () => {
  const text = 'x'.repeat(400_000)
  const recordings = Array.from({ length: 60 }, (_, n) => ({
    documentId: n,
    before: {},
    after: { note: `${text}${n}` },
  }))
  await recordBatch(Crate.definition, { op: 'op_large', operation: 'update', number: 1, recordings })
  const entries = (await read({})).entries.filter(({ op }) => op === 'op_large')
  expect(entries.map(({ documentId }) => documentId)).toEqual(recordings.map(one => one.documentId).reverse())
  expect(new Set(entries.map(({ _id }) => String(_id))).size).toBe(60)
  expect(entries[7]?.changes.note?.to).toBe(`${text}52`)
})
