// What a bulk operation does to each document: checked against the model, and ready to be kept and sent.
import type { Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { checkUpdate, type SentUpdate } from '../models/update.ts'
import { toStored } from '../runtime/codec.ts'
import { currentActor, operationId } from '../runtime/context.ts'
import { touchesEncrypted } from '../runtime/sealing.ts'

/** A change of many documents: an update, a mark of deletion, or a removal. */
export interface BulkChange {
  readonly action: 'update' | 'mark' | 'remove'
  /** What is sent, its times not yet filled in. */
  readonly update: SentUpdate | null
  /** The top-level fields that may change; null for whole documents. */
  readonly touched: readonly string[] | null
  /** Whether each document goes through its model, with hooks and validation. */
  readonly hooks: boolean
}

/** How a bulk operation is meant. */
export interface ChangeOptions {
  /** Takes each document through its hooks, which is slower. */
  readonly hooks?: boolean | undefined
  /** Removes documents also where their model only marks them. */
  readonly hard?: boolean | undefined
}

/** An update that gives every document the same values. */
export interface Constants {
  readonly set: Document
  readonly unset: readonly string[]
}

/** Checks an update. Throws `INVALID_UPDATE`, `UnknownPath`, `ValidationFailed`. */
export function updateChange(definition: ModelDefinition, given: unknown, options: ChangeOptions = {}): BulkChange {
  const update = checkUpdate(definition, given, toStored)
  if (touchesEncrypted(definition, update)) throw encrypted(definition)
  if (options.hooks) checkForHooks(definition, given)
  return { action: 'update', update, touched: options.hooks ? null : touchedBy(update), hooks: options.hooks ?? false }
}

/** Makes the change of a delete: a mark where the model keeps deleted documents, a removal otherwise. */
export function deleteChange(definition: ModelDefinition, options: ChangeOptions = {}): BulkChange {
  const { softDelete, updatedAt } = settingsOf(definition)
  const hooks = options.hooks ?? false
  if (!softDelete || options.hard) return { action: 'remove', update: null, touched: null, hooks }
  const touched = [softDelete.field, 'deletion', ...(updatedAt ? [updatedAt] : [])]
  return { action: 'mark', update: null, touched: hooks ? null : touched, hooks }
}

/** Gives the update of a change as it is sent now: with the time of this batch, and who deletes. */
export function sentNow(definition: ModelDefinition, { action, update }: BulkChange, now = new Date()): SentUpdate {
  const { softDelete, updatedAt } = settingsOf(definition)
  if (action === 'mark') {
    const { userId } = currentActor()
    const deletion = { ...(userId === undefined ? {} : { by: userId }), op: operationId() }
    return { $set: { [softDelete!.field]: now, deletion, ...(updatedAt ? { [updatedAt]: now } : {}) } }
  }
  if (!update || !updatedAt) return update ?? {}
  return Array.isArray(update) ? update.map(stage => datedStage(stage, updatedAt, now)) : dated(update, updatedAt, now)
}

/** Gives the values an update gives to every document, or undefined where they depend on the document. */
export function constantsOf(update: SentUpdate): Constants | undefined {
  if (Array.isArray(update)) return undefined
  const { $set = {}, $unset = {}, ...others } = update as Record<string, Document>
  const isFlat = [...Object.keys($set), ...Object.keys($unset)].every(path => !path.includes('.'))
  return Object.keys(others).length === 0 && isFlat ? { set: $set, unset: Object.keys($unset) } : undefined
}

function touchedBy(update: SentUpdate): readonly string[] | null {
  const stages: readonly Document[] = Array.isArray(update) ? update : [update]
  const paths: string[] = []
  for (const [operator, operand] of stages.flatMap(stage => Object.entries(stage))) {
    if (operator === '$replaceWith' || operator === '$replaceRoot' || operator === '$project') return null
    paths.push(...(typeof operand === 'object' && !Array.isArray(operand) ? Object.keys(operand) : [operand].flat()))
    if (operator === '$rename') paths.push(...Object.values(operand as Record<string, string>))
  }
  return [...new Set(paths.map(path => path.split('.')[0]!))]
}

function dated(update: Document, updatedAt: string, now: Date): Document {
  const { [updatedAt]: kept, ...dates } = (update.$currentDate ?? {}) as Document
  if (kept !== true) return update
  const { $currentDate: _, ...rest } = update
  const others = Object.keys(dates).length > 0 ? { $currentDate: dates } : {}
  return { ...rest, ...others, $set: { ...rest.$set, [updatedAt]: now } }
}

function datedStage(stage: Document, updatedAt: string, now: Date): Document {
  return stage.$set?.[updatedAt] === '$$NOW' ? { ...stage, $set: { ...stage.$set, [updatedAt]: now } } : stage
}

function checkForHooks(definition: ModelDefinition, given: unknown): void {
  const others = Object.keys(given as object).find(operator => operator !== '$set' && operator !== '$unset')
  const dotted = Object.values(given as Record<string, object>)
    .flatMap(paths => Object.keys(paths))
    .find(path => path.includes('.'))
  if (!Array.isArray(given) && others === undefined && dotted === undefined) return
  throw new GooseError('INVALID_UPDATE', {
    model: definition.name,
    reason: `with hooks, only whole fields are set and unset (not ${dotted ?? others})`,
    hint: 'leave --hooks out, or write a script for goose run',
  })
}

function encrypted(definition: ModelDefinition): GooseError {
  return new GooseError('INVALID_UPDATE', {
    model: definition.name,
    reason: 'it changes an encrypted field, of which each document has its own ciphertext',
    hint: `use ${definition.name}.updateMany, which takes the documents one by one`,
  })
}
