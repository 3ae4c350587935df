// The life of a document: validate, hooks, insert, save, delete, reload.
import { DocumentNotFound, VersionConflict } from '../errors.ts'
import type { HookEvent, HookName } from '../models/hooks.ts'
import { emptyPlan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import { recorded } from './audit.ts'
import { type Changes, changed, isEmpty, updateFrom } from './changes.ts'
import { guarded } from './checkpoint.ts'
import { isEqualStored, type Stored, storedFrom } from './codec.ts'
import { currentTransaction } from './context.ts'
import {
  type Difference,
  type DocumentBase,
  differenceOf,
  encodeField,
  encodeValid,
  modelOf,
  reset,
  settle,
  snapshotOf,
} from './document.ts'
import { writeDocument } from './document-write.ts'
import { readAll } from './execute.ts'
import { refuseUnfit } from './fit.ts'
import { identityOf } from './identity.ts'
import { codecOf } from './model-codec.ts'
import { refuseUnstorable, refuseUnstorableChanges } from './storability.ts'
import { isMoved, refuseCycle, refuseCycles } from './tree.ts'
import { asMove, lockTree } from './tree-moves.ts'
import { validate } from './validate.ts'
import { insertStored } from './write.ts'

/** The options of save(). */
export interface SaveOptions {
  /** Refuses with `VersionConflict` when a path that is written holds something else than when it was loaded. */
  readonly ifUnchanged?: boolean
}

/** Writes a document: inserts a new one, sends the difference of a loaded one, does nothing when nothing changed. */
export async function save(document: DocumentBase, options: SaveOptions = {}): Promise<void> {
  if (document.isNew) return insertAll([document])
  const found = differenceOf(document)
  if (isEmpty(found.changes) && !hasTransients(document)) return
  const write = () => guarded([document], () => saveChanges(document, found, options))
  const changes = await (isMoved(document) ? asMove(modelOf(document).definition, write) : write())
  clearTransients(document)
  const hooks = runHooks('postSave', document, { created: false, changes })
  if (hooks) await hooks
}

/** Inserts new documents with one command; hooks and validation run for each. */
export async function insertAll(documents: readonly DocumentBase[]): Promise<void> {
  const [first] = documents
  if (!first) return
  const { definition } = modelOf(first)
  const stored = await guarded(documents, async () => {
    await prepare(documents)
    const all = documents.map(encodeValid)
    refuseUnstorable(definition, all)
    const write = () => insertStored(definition, all)
    await (settingsOf(definition).audit ? recorded(definition, all.map(insertOf), write) : write())
    return all
  })
  await settleInserted(documents, stored)
}

/** Runs the hooks before a write of new documents, and validates them. */
export async function prepare(documents: readonly DocumentBase[]): Promise<void> {
  for (const document of documents) {
    const waiting = prepareOne(document)
    if (waiting) await waiting
  }
  await refuseCycles(documents)
}

/** Takes over that new documents are stored, and runs the hooks after that. */
export async function settleInserted(documents: readonly DocumentBase[], stored: readonly Stored[]): Promise<void> {
  for (const [i, document] of documents.entries()) settle(document, stored[i]!)
  for (const document of documents) {
    clearTransients(document)
    const waiting = runHooks('postSave', document, { created: true, changes: undefined })
    if (waiting) await waiting
  }
}

/** Removes a document from the database. Throws `DocumentNotFound` when it is gone already. */
export async function hardDelete(document: DocumentBase): Promise<void> {
  if (document.isNew) throw notFound(document)
  const _id = identityOf(document)
  await runHooks('preDelete', document, noChange)
  await guarded([document], () => removeStored(document, _id))
  await runHooks('postDelete', document, noChange)
}

/** Reads a document again, dropping what was changed in memory; an aborted transaction brings that back. */
export function reload(document: DocumentBase): Promise<void> {
  return guarded([document], () => readAgain(document))
}

/** Gives what is stored of a document now, be it marked as deleted or not. Throws `DocumentNotFound` when it is gone. */
export async function storedNow(document: DocumentBase): Promise<Stored> {
  return storedFrom(await bytesNow(document))
}

/** Runs a hook: the plugins' in their order, then the class's own. Gives nothing where there is none. */
export function runHooks(name: HookName, document: DocumentBase, event: HookEvent): Promise<void> | undefined {
  return hasHook(name, document) ? runEach(name, document, event) : undefined
}

/** Gives the filter that finds a document; one that was not marked as deleted when it was read must not be so now. */
export function asAlive(document: DocumentBase): Readonly<Record<string, unknown>> {
  const { softDelete } = settingsOf(modelOf(document).definition)
  const isAlive = softDelete !== undefined && (snapshotOf(document)[softDelete.field] ?? null) === null
  return { _id: identityOf(document), ...(isAlive ? { [softDelete.field]: null } : {}) }
}

/** Says that a document is not there. */
export function notFound(document: DocumentBase): DocumentNotFound {
  return new DocumentNotFound({ model: modelOf(document).modelName, id: `_id ${String(document._id)}` })
}

/** Tells whether a plugin or the class has a hook of that name. */
export function hasHook(name: HookName, document: DocumentBase): boolean {
  if (typeof document[name] === 'function') return true
  for (const plugin of modelOf(document).definition.plugins) if (plugin.hooks?.[name]) return true
  return false
}

function removeStored(document: DocumentBase, _id: unknown): Promise<void> {
  const missing = () => notFound(document)
  return writeDocument(document, { operation: 'delete', filter: { _id }, becomes: () => ({}), missing })
}

async function readAgain(document: DocumentBase): Promise<void> {
  reset(document, await bytesNow(document))
  if (modelOf(document).definition.validateOnRead) await refuseUnfit(document)
}

async function bytesNow(document: DocumentBase): Promise<Uint8Array> {
  const plan = { ...emptyPlan, filters: [{ _id: identityOf(document) }], limit: 1, deleted: 'include' } as const
  const [bytes] = await readAll(modelOf(document).definition, plan)
  if (bytes) return bytes
  throw notFound(document)
}

function hasTransients(document: DocumentBase): boolean {
  return codecOf(modelOf(document).definition).transients.some(field => document[field.name] !== undefined)
}

const noChange: HookEvent = { created: false, changes: undefined }

async function runEach(name: HookName, document: DocumentBase, event: HookEvent): Promise<void> {
  for (const plugin of modelOf(document).definition.plugins) await plugin.hooks?.[name]?.(document as never, event)
  const own = document[name]
  if (typeof own === 'function') await own.call(document, event)
}

// Waits for nothing where there is nothing to wait for: thousands of documents are prepared at once.
function prepareOne(document: DocumentBase, changes?: Changes): Promise<void> | undefined {
  const event = { created: document.isNew, changes: undefined }
  const hooks = runHooks('preValidate', document, event)
  if (hooks) return hooks.then(() => validateAndHook(document, event))
  return validateAndHook(document, event, changes)
}

function validateAndHook(document: DocumentBase, event: HookEvent, changes?: Changes): Promise<void> | undefined {
  const waiting = validate(document, changes)
  if (waiting) return waiting.then(() => hookAndValidate(document, event))
  return hookAndValidate(document, event)
}

function hookAndValidate(document: DocumentBase, event: HookEvent): Promise<void> | undefined {
  return runHooks('preSave', document, event)?.then(() => validate(document))
}

// Without hooks, only the schemas of changed fields may have made something else of a value.
function isStill(document: DocumentBase, { stored, changes }: Difference): boolean {
  if (hasHook('preValidate', document) || hasHook('preSave', document)) return false
  const { fieldByName } = modelOf(document).definition
  const names = new Set([...changes.paths.keys()].map(path => path.split('.')[0]!))
  return [...names].every(name => isEqualStored(encodeField(document, fieldByName.get(name)!), stored[name]))
}

async function saveChanges(document: DocumentBase, found: Difference, options: SaveOptions): Promise<Changes> {
  const waiting = prepareOne(document, found.changes)
  if (waiting) await waiting
  const difference = isStill(document, found) ? found : differenceOf(document)
  return isMoved(document) ? moveOne(document, difference, options) : sendChanges(document, difference, options)
}

// Without a transaction, another move may come between the look and the write: then this one is taken back.
async function moveOne(document: DocumentBase, difference: Difference, options: SaveOptions): Promise<Changes> {
  const { definition } = modelOf(document)
  await lockTree(definition)
  await refuseCycle(document)
  const changes = await sendChanges(document, difference, options)
  if (currentTransaction()) return changes
  try {
    await refuseCycle(document)
  } catch (error) {
    await takeBackMove(document, changes)
    throw error
  }
  return changes
}

async function takeBackMove(document: DocumentBase, { paths }: Changes): Promise<void> {
  const { parent } = settingsOf(modelOf(document).definition).tree!
  const { from, to } = paths.get(parent)!
  const update = from === undefined ? { $unset: { [parent]: 1 } } : { $set: { [parent]: from } }
  await writeDocument(document, {
    operation: 'update',
    filter: { _id: identityOf(document), [parent]: to },
    update,
    becomes: before => ({ ...before, [parent]: from }),
    missing: () => conflict(document),
  })
}

async function sendChanges(document: DocumentBase, difference: Difference, options: SaveOptions): Promise<Changes> {
  const { definition } = modelOf(document)
  const { version } = settingsOf(definition)
  const { stored, changes } = difference
  if (isEmpty(changes)) return changes
  refuseUnstorableChanges(definition, changes)
  const before = snapshotOf(document)
  const filter = {
    ...asAlive(document),
    ...(options.ifUnchanged ? unchanged(changes) : {}),
    ...(version ? { [version]: versionOf(before[version]) } : {}),
  }
  if (version) stored[version] = Number(before[version] ?? 0) + 1
  const sent = version ? { ...changes, set: { ...changes.set, [version]: stored[version] } } : changes
  await writeDocument(document, {
    operation: 'update',
    filter,
    update: updateFrom(sent),
    becomes: there => changed(there, sent),
    missing: () => (version || options.ifUnchanged ? conflict(document) : notFound(document)),
  })
  if (version) document[version] = stored[version]
  settle(document, stored)
  return changes
}

// A document from before it was counted has no count; a default has made 0 of that.
function versionOf(counted: unknown): unknown {
  return Number(counted ?? 0) === 0 ? { $in: [0, null] } : counted
}

function insertOf(stored: Stored) {
  return { operation: 'insert' as const, documentId: stored._id, before: {}, after: stored }
}

// A path that was missing must be missing still; null and missing are told apart.
function unchanged(changes: Changes): Record<string, unknown> {
  return Object.fromEntries(
    [...changes.paths].map(([path, { from }]) => [path, from === undefined ? { $exists: false } : { $eq: from }]),
  )
}

function conflict(document: DocumentBase): VersionConflict {
  return new VersionConflict({ model: modelOf(document).modelName, id: String(document._id) })
}

function clearTransients(document: DocumentBase): void {
  for (const field of codecOf(modelOf(document).definition).transients) delete document[field.name]
}
