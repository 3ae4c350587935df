// Goes on with a bulk update or delete, batch by batch, as the server allows: in transactions, or by stamps.
import type { ModelDefinition } from '../models/definition.ts'
import { modelNamed } from '../models/registry.ts'
import { prepareAudit } from '../runtime/audit-batch.ts'
import { hasTransactions } from '../runtime/connection.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { transaction } from '../runtime/transaction.ts'
import type { BulkChange } from './bulk-change.ts'
import { prepareImages } from './bulk-images.ts'
import type { BulkParameters, BulkPlace, BulkWork } from './bulk-parts.ts'
import { guardedBatch } from './bulk-stamps.ts'
import { wholeBatch } from './bulk-whole.ts'
import { plannedBatches } from './plan-pages.ts'
import type { RunEnding } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** Goes on with a bulk update or delete to its end. */
export async function goOn(run: Run): Promise<RunEnding> {
  const { model, definition } = modelNamed(run.model ?? '') as unknown as {
    model: RuntimeModel
    definition: ModelDefinition
  }
  const { change, plan } = run.parameters<BulkParameters>()
  const work: BulkWork = { run, model, definition, change: exactChange(run, change), filter: run.filter }
  const isWhole = await hasTransactions(definition.connection)
  const plannedAt = plan === null ? undefined : plannedBatches(definition.connection, plan)
  return run.walk(async checkpoint => {
    const place = (checkpoint as BulkPlace | null) ?? { seq: 1 }
    if (place.seq === 1) await prepare(definition)
    const planned = await plannedAt?.(place.seq)
    if (plannedAt && !planned) return { checkpoint: place, done: true }
    if (!isWhole) return guardedBatch(work, place, planned)
    return transaction(() => wholeBatch(work, place, planned), { connection: definition.connection })
  })
}

async function prepare(definition: ModelDefinition): Promise<void> {
  await prepareImages(definition.connection)
  await prepareAudit(definition)
}

// What is sent keeps its BSON types; the rest is read with plain numbers.
function exactChange(run: Run, change: BulkChange): BulkChange {
  return { ...change, update: (run.exactParameters().change as BulkChange).update }
}
