// A batch of a bulk operation in one transaction: documents, change, images, audit and checkpoint, all or nothing.
import type { Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { filterOf } from '../models/plan.ts'
import type { SentUpdate } from '../models/update.ts'
import { run as send } from '../runtime/execute.ts'
import { sent } from './ahead.ts'
import { batchFilter } from './bulk-batch.ts'
import { constantsOf, sentNow } from './bulk-change.ts'
import { hookedBatch } from './bulk-hooks.ts'
import type { Images } from './bulk-images.ts'
import {
  type BulkPlace,
  type BulkWork,
  cascade,
  changedMeanwhile,
  countedAs,
  documentsOf,
  imagesOf,
  keepAll,
  preparedKeeping,
  readAgain,
  without,
} from './bulk-parts.ts'
import type { PlannedBatch } from './plan-pages.ts'
import type { Step } from './run-steps.ts'

/** Does one batch inside the transaction that is open; `planned` are the documents it keeps to. */
export async function wholeBatch(work: BulkWork, place: BulkPlace, planned: PlannedBatch | undefined): Promise<Step> {
  const { run } = work
  const { seq } = place
  const over: Step = { checkpoint: place, done: true }
  const { stored, last } = await run.time('find', () => documentsOf(work, place, planned))
  if (stored.length === 0 && !planned) return over
  const left = planned?.othersIn(stored) ?? []
  const mine = without(stored, left)
  const changed = mine.length === 0 ? 0 : await changeBatch(work, seq, { mine, left })
  const missing = planned ? planned.count - mine.length : 0
  const step: Step = {
    checkpoint: { seq: seq + 1, after: last },
    counted: {
      matched: mine.length + missing,
      [countedAs(work.change)]: changed,
      ...(missing > 0 ? { kept: missing } : {}),
    },
    ...(missing > 0
      ? { noted: [{ batch: seq, why: `${missing} changed or gone since the plan: left as they are` }] }
      : {}),
    isKept: true,
  }
  await run.time('checkpoint', () => run.keep(step))
  return step
}

interface Parts {
  readonly mine: readonly Uint8Array[]
  /** Documents between them that are not to be changed. */
  readonly left: readonly Uint8Array[]
}

async function changeBatch(work: BulkWork, seq: number, { mine, left }: Parts): Promise<number> {
  const { run, definition, change } = work
  if (change.hooks) return hookedBatch(work, seq, mine)
  const among = batchFilter(mine, left)
  const filter = filterOf({ filters: [work.filter, among] })
  const images: Images = { ...imagesOf(work, seq), before: mine, after: [] }
  if (change.action === 'remove') return writeAndKeep(work, images, () => deleteAll(definition, filter, mine.length))
  const update = sentNow(definition, change)
  const constants = constantsOf(update)
  const count = constants
    ? await writeAndKeep(work, { ...images, ...constants }, () =>
        updateAll(definition, filter, { update, count: mine.length }),
      )
    : await run.time('write', () => updateAll(definition, filter, { update, count: mine.length }))
  if (!constants) await keepAll(work, { ...images, after: await run.time('read back', () => readAgain(work, mine)) })
  if (change.action === 'mark') await cascade(work, mine)
  return count
}

// What is kept is known before the change: it is made while the server writes.
async function writeAndKeep(work: BulkWork, images: Images, write: () => Promise<number>): Promise<number> {
  const writing = work.run.time('write', write)
  const keeping = sent().then(() => preparedKeeping(work, images))
  const [count, keep] = await Promise.all([writing, keeping])
  await keep()
  return count
}

interface Sent {
  readonly update: SentUpdate
  /** How many documents it is about. */
  readonly count: number
}

function updateAll(definition: ModelDefinition, filter: Document, { update, count }: Sent): Promise<number> {
  return send(definition, { operation: 'updateMany', filter }, async (collection, session) => {
    const { matchedCount, modifiedCount } = await collection.updateMany(filter, update, session)
    if (matchedCount !== count) throw changedMeanwhile()
    return modifiedCount
  })
}

function deleteAll(definition: ModelDefinition, filter: Document, count: number): Promise<number> {
  return send(definition, { operation: 'deleteMany', filter }, async (collection, session) => {
    const { deletedCount } = await collection.deleteMany(filter, session)
    if (deletedCount !== count) throw changedMeanwhile()
    return deletedCount
  })
}
