// Pages of a long audit: each way of asking begins at an index, and the last page costs no more than the first.
import { audit, connection, model, ObjectId, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { type AuditQuestion, auditCursor, auditPage, findEntry } from '../../src/operations/audit-reading.ts'
import { prepareAudit } from '../../src/runtime/audit-batch.ts'
import { rounds } from '../support/effort.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('auditreading')

class Deed extends model('ReadingDeed', { name: z.string() }, { plugins: [audit()] }) {}

const COUNT = rounds(3000, 200_000)
const begin = Date.UTC(2026, 0, 1)
const idOf = (number: number) => new ObjectId(number.toString(16).padStart(24, '0'))
const entry = (number: number) => ({
  _id: idOf(number + 1),
  at: new Date(begin + Math.floor(number / 7) * 1000),
  op: `op_${Math.floor(number / 5)}`,
  operation: number % 10 === 9 ? 'batch' : 'update',
  model: ['ReadingDeed', 'Other', 'Third'][number % 3],
  collection: 'x',
  documentId: number % 1000,
  changes: { title: { from: number, to: number + 1 } },
  fields: [number % 100 === 0 ? 'rare' : 'title'],
  by: number % 4 === 0 ? {} : { userId: `user ${number % 50}` },
  via: 'app',
  chain: 'chain',
  seq: number + 1,
})

beforeEach(async () => {
  await prepareAudit(Deed.definition)
  const log = connection().db.collection('_audit_log')
  for (let from = 0; from < COUNT; from += 1000)
    await log.insertMany(Array.from({ length: Math.min(1000, COUNT - from) }, (_, i) => entry(from + i)))
}, 600_000)

const questions: readonly (readonly [string, AuditQuestion, string])[] = [
  ['everything', {}, 'at'],
  ['a model', { model: 'Other' }, 'model'],
  ['a document', { model: 'Other', documentId: 1 }, 'documentId'],
  ['an actor', { actor: 'user 7' }, 'by.userId'],
  ['an operation', { op: 'op_3' }, 'op'],
  ['a field', { field: 'rare' }, 'fields'],
  ['a time', { since: new Date(begin + 60_000), until: new Date(begin + 300_000) }, 'at'],
  ['a model and a time', { model: 'Other', since: new Date(begin + 60_000) }, 'model'],
  ['a model and an actor', { model: 'Other', actor: 'user 7' }, 'by.userId'],
]

const isEmbedded = process.env.GOOSE_TEST_URI === undefined

/** The stages of a plan, from the outermost in. */
function stagesOf(plan: { stage?: string; inputStage?: object; inputStages?: object[] }): readonly string[] {
  const inner = [...(plan.inputStage ? [plan.inputStage] : []), ...(plan.inputStages ?? [])]
  return [plan.stage ?? '', ...inner.flatMap(stagesOf)]
}

describe(`a log of ${COUNT} entries`, () => {
  test('is read by an index for each question, in its order, on the first page and on later ones', async () => {
    const { db } = connection()
    for (const [what, question, index] of questions) {
      const first = auditPage(db, question, { limit: 3 })
      const read = []
      for await (const one of first.entries) read.push(one)
      const tokens = [undefined, ...(first.next() ? [first.next()!] : [])]
      for (const after of tokens) {
        const explained = await auditCursor(db, question, { limit: 20, after }).explain('queryPlanner')
        const stages = stagesOf(explained.queryPlanner.winningPlan)
        expect([what, stages.join(' ')]).toEqual([what, expect.stringMatching(/IXSCAN/)])
        expect([what, stages.join(' ')]).toEqual([what, expect.not.stringMatching(/\bSORT\b|COLLSCAN/)])
        // Other servers choose by what they know of the data.
        const plan = JSON.stringify(explained.queryPlanner.winningPlan)
        if (isEmbedded) expect([what, plan]).toEqual([what, expect.stringContaining(`"keyPattern":{"${index}":`)])
      }
      expect([what, read.length > 0]).toEqual([what, true])
    }
  }, 120_000)

  test('is walked whole by cursors, nothing twice and nothing left out', async () => {
    const { db } = connection()
    const question = { field: 'rare' } as const
    const seen: string[] = []
    for (let after: string | undefined = undefined as string | undefined; ; ) {
      const page = auditPage(db, question, { limit: 7, after })
      for await (const one of page.entries) seen.push(String(one._id))
      after = page.next()
      if (after === undefined) break
    }
    const all = Array.from({ length: COUNT }, (_, i) => entry(i)).filter(
      ({ fields, operation }) => fields[0] === 'rare' && operation !== 'batch',
    )
    expect(seen).toEqual(all.map(({ _id }) => String(_id)).reverse())
  }, 120_000)

  test('gives one entry by its id, by the end of it, and the last', async () => {
    const { db } = connection()
    expect(await findEntry(db, String(idOf(5)))).toMatchObject({ seq: 5 })
    expect(await findEntry(db, 'last')).toMatchObject({ seq: COUNT - 1 })
    expect(await findEntry(db, COUNT.toString(16).padStart(8, '0'))).toMatchObject({ seq: COUNT })
    await expect(findEntry(db, 'ffffffff')).rejects.toThrow('the audit has no entry ffffffff')
  }, 120_000)
})
