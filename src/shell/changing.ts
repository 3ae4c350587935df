// Changes, deletes and restores single documents through their models, so that hooks and validation run.
import { GooseError } from '../errors.ts'
import { settingsOf } from '../models/settings.ts'
import { auditContext } from '../runtime/context.ts'
import { actorOf } from './actor.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { documentOf } from './ids.ts'
import { parseDocuments } from './input.ts'
import type { AnyDocument, LoadedModel } from './models.ts'
import { jsonText } from './output/json.ts'
import { atPath } from './output/path.ts'
import { filtered } from './question.ts'
import { assignment, fieldAt, typedDocument } from './typed.ts'
import type { Workspace } from './workspace.ts'

/** What every change of one document may say. */
export interface ChangeFlags extends ConsentFlags {
  readonly 'dry-run'?: boolean | undefined
  readonly reason?: string | undefined
}

/** The flags of update. */
export interface UpdateFlags extends ChangeFlags {
  readonly set?: readonly string[] | undefined
  readonly unset?: string | undefined
  readonly data?: string | undefined
}

/** One document to change: its model, its id as typed, and the project. */
export interface ChangeTarget {
  readonly loaded: LoadedModel
  readonly id: string
  readonly workspace: Workspace
}

/** Updates one document and answers what has changed. */
export async function updateDocument(target: ChangeTarget, flags: UpdateFlags): Promise<Answer> {
  const { loaded, workspace } = target
  const document = await documentIn(target, 'exclude')
  const strangers = strangersOf(document, loaded, flags)
  assign(document, loaded, { ...flags, strangers })
  const changes = { ...changesOf(document), ...gone(document, strangers) }
  const count = Object.keys(changes).length
  if (count > 0 && !flags['dry-run']) {
    await requireConsent(workspace, flags, {
      action: `update ${name(target, document)}`,
      token: String(document._id),
      isReversible: true,
    })
    await asCommand(flags, () => document.save())
    await takeAway(loaded, document, strangers)
  }
  const said =
    count === 0
      ? 'nothing to change'
      : flags['dry-run']
        ? 'dry run: nothing was changed'
        : `updated ${name(target, document)}`
  const rows = Object.entries(changes).map(([path, { from, to }]) => ({ path, from, to }))
  const columns = ['path', 'from', 'to'].map(path => ({ path, head: path.toUpperCase() }))
  return { kind: 'rows', columns, rows, footer: () => [said] }
}

/** Deletes one document: marks it where its model keeps deleted ones, removes it otherwise. */
export async function deleteDocument(
  target: ChangeTarget,
  flags: ChangeFlags & { readonly hard?: boolean | undefined },
): Promise<Answer> {
  const { loaded, workspace } = target
  const isSoft = keepsDeleted(loaded)
  const document = await documentIn(target, isSoft && flags.hard ? 'include' : 'exclude')
  const isForGood = flags.hard === true || !isSoft
  const action = `delete ${name(target, document)}${isForGood ? ' for good' : ''}`
  const data = { model: loaded.name, _id: document._id, deleted: !flags['dry-run'], hard: isForGood }
  if (flags['dry-run']) return { kind: 'value', data, text: `would ${action}` }
  await requireConsent(workspace, flags, { action, token: String(document._id), isReversible: !isForGood })
  await asCommand(flags, () => (flags.hard && isSoft ? soft(document).hardDelete() : document.delete()))
  return { kind: 'value', data, text: `deleted ${name(target, document)}${isForGood ? ' for good' : ''}` }
}

/** Restores one deleted document, with what was deleted in the same operation because of it. */
export async function restoreDocument(target: ChangeTarget, flags: ChangeFlags): Promise<Answer> {
  const { loaded } = target
  requireSoftDelete(loaded)
  const document = await documentIn(target, 'only')
  return restoreAll(target, [document], flags)
}

/** Restores every document of a model that one operation deleted. */
export async function restoreOperation(
  target: Omit<ChangeTarget, 'id'>,
  operation: string,
  flags: ChangeFlags,
): Promise<Answer> {
  const { loaded } = target
  requireSoftDelete(loaded)
  const query = await filtered(loaded.model.find({ 'deletion.op': operation }), { deleted: 'only' })
  const documents = (await query.all()) as readonly AnyDocument[]
  if (documents.length > 0) return restoreAll({ ...target, id: '' }, documents, flags)
  throw new GooseError('DOCUMENT_NOT_FOUND', { model: loaded.name, id: `deletion by ${operation}` })
}

async function restoreAll(
  target: ChangeTarget,
  documents: readonly AnyDocument[],
  flags: ChangeFlags,
): Promise<Answer> {
  const { loaded, workspace } = target
  const what =
    documents.length === 1 && documents[0] ? name(target, documents[0]) : `${documents.length} ${loaded.name}`
  const data = {
    model: loaded.name,
    restored: flags['dry-run'] ? 0 : documents.length,
    ids: documents.map(document => document._id),
  }
  if (flags['dry-run']) return { kind: 'value', data, text: `would restore ${what}` }
  await requireConsent(workspace, flags, { action: `restore ${what}`, token: loaded.name, isReversible: true })
  for (const document of documents) await asCommand(flags, () => soft(document).restore())
  return { kind: 'value', data, text: `restored ${what}` }
}

function documentIn({ loaded, id }: ChangeTarget, deleted: 'exclude' | 'include' | 'only'): Promise<AnyDocument> {
  const read = async (_id: unknown) => {
    const query = await filtered(loaded.model.find(), { deleted })
    return (await query.find({ _id } as never).first()) as AnyDocument | null
  }
  return documentOf(loaded, id, { deleted, read })
}

/** Gives the fields to take away that are stored and not declared; saves keep those, so they go in another way. */
function strangersOf(document: AnyDocument, { name, model }: LoadedModel, { unset }: UpdateFlags): readonly string[] {
  const stored = document.toObject()
  const { fieldByName } = model.definition
  const found = namesIn(unset).filter(path => Object.hasOwn(stored, path) && path !== '_id' && !fieldByName.has(path))
  if (found.length === 0 || !settingsOf(model.definition).audit) return found
  throw usage(`${name} is audited, and ${found.join(', ')} is not declared`, 'declare the field, then take it away')
}

function gone(document: AnyDocument, names: readonly string[]): Changes {
  return Object.fromEntries(names.map(name => [name, { from: document[name], to: undefined }]))
}

async function takeAway({ model }: LoadedModel, { _id }: AnyDocument, strangers: readonly string[]): Promise<void> {
  if (strangers.length === 0) return
  const collection = await model.collection()
  await collection.updateOne({ _id: _id as never }, { $unset: Object.fromEntries(strangers.map(path => [path, ''])) })
}

function namesIn(list: string | undefined): readonly string[] {
  return list?.split(',').map(part => part.trim()) ?? []
}

interface Assignment {
  readonly path: string
  readonly value: unknown
}

function assign(
  document: AnyDocument,
  loaded: LoadedModel,
  { set = [], unset, data, strangers }: UpdateFlags & { readonly strangers: readonly string[] },
): void {
  const { definition } = loaded.model
  if (set.length === 0 && unset === undefined && data === undefined) {
    throw usage(`there is nothing to change in ${loaded.name}`, "give --set path=value, --unset path, or --data '{…}'")
  }
  const [given, another] = data === undefined ? [] : parseDocuments(data)
  if (another) throw usage('--data holds more than one document', 'give one, with the fields to change')
  const assigned: readonly Assignment[] = set.map(text => assignment(text, definition))
  const taken = namesIn(unset).filter(part => !strangers.includes(part))
  const both = taken.find(path => assigned.some(other => other.path === path))
  if (both !== undefined) throw usage(`"${both}" is both set and taken away`, 'do one of them')
  for (const path of taken) fieldAt(definition, path)
  const changes = [
    ...Object.entries(given ? typedDocument(given, definition) : {}).map(([path, value]) => ({ path, value })),
    ...assigned,
    ...taken.map(path => ({ path, value: undefined })),
  ]
  for (const change of changes) if (!isKept(document, loaded, change)) put(document, change.path, change.value)
}

/** Tells whether a change says what is so already of what no hand changes. Throws where it says something else. */
function isKept(document: AnyDocument, { name, model: { definition } }: LoadedModel, change: Assignment): boolean {
  const [head = ''] = change.path.split('.')
  const { softDelete, version } = settingsOf(definition)
  const why =
    head === '_id'
      ? 'never changes'
      : head === version
        ? 'counts by itself'
        : softDelete && (head === softDelete.field || head === 'deletion')
          ? 'is written by goose delete and goose restore'
          : undefined
  if (why === undefined) return false
  if (jsonText(atPath(document.toObject(), change.path)) === jsonText(change.value)) return true
  throw usage(`"${head}" of a ${name} ${why}`, 'leave it out')
}

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [head = '', ...rest] = path.split('.')
  if (rest.length === 0) {
    target[head] = value
    return
  }
  if (typeof target[head] !== 'object' || target[head] === null) target[head] = {}
  put(target[head] as Record<string, unknown>, rest.join('.'), value)
}

type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

/** Gives what has changed; secret fields only by their name. */
function changesOf(document: AnyDocument): Changes {
  const changes = (document as AnyDocument & { changes(): Changes }).changes()
  const { definition } = document.constructor as unknown as LoadedModel['model']
  const entries = Object.entries(changes).map(([path, change]) => {
    const marks = definition.fieldByName.get(path.split('.')[0] ?? '')?.marks
    return [path, marks?.secret || marks?.encrypted ? { from: '***', to: '***' } : change] as const
  })
  return Object.fromEntries(entries)
}

interface SoftDocument {
  restore(): Promise<unknown>
  hardDelete(): Promise<void>
}

function soft(document: AnyDocument): SoftDocument {
  return document as unknown as SoftDocument
}

function keepsDeleted({ description }: LoadedModel): boolean {
  return description.plugins.includes('softDelete')
}

function requireSoftDelete(loaded: LoadedModel): void {
  if (keepsDeleted(loaded)) return
  throw usage(`${loaded.name} keeps no deleted documents`, 'give the model the plugin softDelete()')
}

function name({ loaded }: Pick<ChangeTarget, 'loaded'>, document: AnyDocument): string {
  return `${loaded.name} ${String(document._id)}`
}

/** Runs a write in the name of the command line, for deletion marks and the audit. */
function asCommand<T>(flags: ChangeFlags, act: () => Promise<T>): Promise<T> {
  return auditContext.run(actorOf(flags), act)
}
