// The life of a document: validate, hooks, insert, save, delete, reload.
import { DocumentNotFound } from '../errors.ts'
import type { HookName } from '../models/hooks.ts'
import { emptyPlan } from '../models/plan.ts'
import { isEmpty, updateFrom } from './changes.ts'
import { changesOf, type DocumentBase, encode, modelOf, reset, settle, transientsOf } from './document.ts'
import { readAll } from './execute.ts'
import { validate } from './validate.ts'
import { deleteStored, insertStored, updateStored } from './write.ts'

/** Writes a document: inserts a new one, sends the difference of a loaded one, does nothing when nothing changed. */
export async function save(document: DocumentBase): Promise<void> {
  if (document.isNew) return insert(document)
  if (!document.isDirty()) return
  await prepare(document)
  await sendChanges(document)
  clearTransients(document)
  await runHooks('postSave', document)
}

/** Inserts new documents with one command; hooks and validation run for each. */
export async function insertAll(documents: readonly DocumentBase[]): Promise<void> {
  const [first] = documents
  if (!first) return
  for (const document of documents) await prepare(document)
  const stored = documents.map(encode)
  await insertStored(modelOf(first).definition, stored)
  for (const [i, document] of documents.entries()) settle(document, stored[i]!)
  for (const document of documents) clearTransients(document)
  for (const document of documents) await runHooks('postSave', document)
}

/** Deletes a document. Throws `DocumentNotFound` when it is gone already. */
export async function remove(document: DocumentBase): Promise<void> {
  const { definition } = modelOf(document)
  await runHooks('preDelete', document)
  if (document.isNew || !(await deleteStored(definition, { _id: document._id }))) throw notFound(document)
  await runHooks('postDelete', document)
}

/** Reads a document again, dropping what was changed in memory. */
export async function reload(document: DocumentBase): Promise<void> {
  const { definition } = modelOf(document)
  const [bytes] = await readAll(definition, { ...emptyPlan, filters: [{ _id: document._id }], limit: 1 })
  if (!bytes) throw notFound(document)
  reset(document, bytes)
}

/** Runs a hook: the plugins' in their order, then the class's own. */
export async function runHooks(name: HookName, document: DocumentBase): Promise<void> {
  const model = modelOf(document)
  for (const plugin of model.definition.plugins) await plugin.hooks?.[name]?.(document as never)
  const own = document[name]
  if (typeof own === 'function') await own.call(document)
}

async function insert(document: DocumentBase): Promise<void> {
  await insertAll([document])
}

async function prepare(document: DocumentBase): Promise<void> {
  await runHooks('preValidate', document)
  await validate(document)
  await runHooks('preSave', document)
  await validate(document)
}

async function sendChanges(document: DocumentBase): Promise<void> {
  const changes = changesOf(document)
  if (isEmpty(changes)) return
  const stored = encode(document)
  if (!(await updateStored(modelOf(document).definition, { _id: document._id }, updateFrom(changes))))
    throw notFound(document)
  settle(document, stored)
}

function clearTransients(document: DocumentBase): void {
  for (const field of transientsOf(modelOf(document).definition)) delete document[field.name]
}

function notFound(document: DocumentBase): DocumentNotFound {
  return new DocumentNotFound({ model: modelOf(document).modelName, id: `_id ${String(document._id)}` })
}
