// Replacing a document: every field anew, as a save of it would write them.
import { GooseError } from '../errors.ts'
import type { Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import type { BulkOutcome } from './bulk-types.ts'
import { type DocumentBase, hydrate, type RuntimeModel } from './document.ts'
import { readAll } from './execute.ts'
import { insertAll, save } from './lifecycle.ts'
import { codecOf } from './model-codec.ts'

/** Gives the first document of a plan the fields of another; its id, creation and deletion stay. Hooks run. */
export async function replaceFirst(
  model: RuntimeModel,
  plan: Plan,
  { by, upsert }: { readonly by: DocumentBase; readonly upsert: boolean },
): Promise<Partial<BulkOutcome>> {
  const [bytes] = await readAll(model.definition, { ...plan, limit: 1 })
  if (bytes) return replace(hydrate(model, bytes), by)
  if (!upsert) return {}
  await insertAll([by])
  return { upsertedCount: 1 }
}

async function replace(document: DocumentBase, by: DocumentBase): Promise<Partial<BulkOutcome>> {
  const { definition } = document.constructor as RuntimeModel
  for (const { name } of codecOf(definition).own) {
    if (name === '_id' || keptOf(definition).has(name)) continue
    if (by[name] === undefined) delete document[name]
    else document[name] = by[name]
  }
  const isChanged = document.isDirty()
  await save(document)
  return { matchedCount: 1, modifiedCount: isChanged ? 1 : 0 }
}

/** Refuses a replacement that would move a document to another id. */
export function refuseOtherId(model: RuntimeModel, replacement: unknown): void {
  if (typeof replacement !== 'object' || replacement === null || !('_id' in replacement)) return
  if (model.definition.fieldByName.has('_id')) return
  throw new GooseError('INVALID_UPDATE', {
    model: model.modelName,
    reason: 'the _id of a document never changes',
    hint: 'leave _id out of the replacement',
  })
}

// What plugins keep of a document for as long as it lives.
function keptOf(definition: RuntimeModel['definition']): ReadonlySet<string> {
  const { createdAt, updatedAt, version, softDelete } = settingsOf(definition)
  const names = [createdAt, updatedAt, version, softDelete?.field, softDelete && 'deletion']
  return new Set(names.filter(name => name !== undefined))
}
