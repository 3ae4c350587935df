// Encrypts a collection with the newest key: a walk by _id that can stop anywhere and go on.
import { BSON, type Collection, type Document } from 'mongodb'
import { VersionConflict } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { filterOf } from '../models/plan.ts'
import { kindsOf, variantAt, variantField, variantFilter } from '../models/variant.ts'
import type { Stored } from './codec.ts'
import { isCurrent } from './encryption.ts'
import { collectionOf } from './execute.ts'
import { openStored, sealDocument, someEncrypted } from './sealing.ts'

/** How far a rotation has come. */
export interface RotationState {
  readonly read: number
  readonly changed: number
  /** The `_id` of the last document that is done: where to go on. */
  readonly after: unknown
}

/** How a rotation goes about it. */
export interface RotationOptions {
  /** Goes on behind this `_id`. */
  readonly after?: unknown
  readonly batchSize?: number
  /** Is told after each batch; keep `after` to be able to go on. */
  readonly onBatch?: (state: RotationState) => void | Promise<void>
}

const MOST_ATTEMPTS = 20

// Keeps the types of numbers, so that fields beside the encrypted ones are written as they were.
const exact = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const

/** Encrypts every value that is not encrypted with the newest key. Documents that change meanwhile are read again. */
export async function rotateKeys(definition: ModelDefinition, options: RotationOptions = {}): Promise<RotationState> {
  let state: RotationState = { read: 0, changed: 0, after: options.after }
  if (!kindsOf(definition).some(kind => encryptedFields(kind).length > 0)) return state
  const collection = await collectionOf(definition)
  for (;;) {
    const batch = await readBatch(definition, collection, { after: state.after, size: options.batchSize ?? 500 })
    if (batch.length === 0) return state
    const changed = await rotateBatch(definition, collection, batch)
    state = { read: state.read + batch.length, changed: state.changed + changed, after: promoted(batch.at(-1)!._id) }
    await options.onBatch?.(state)
  }
}

interface Stretch {
  readonly after: unknown
  readonly size: number
}

// What another variant stores under the same name is none of this one's.
async function readBatch(
  definition: ModelDefinition,
  collection: Collection<Document>,
  { after, size }: Stretch,
): Promise<readonly Stored[]> {
  const own = variantFilter(definition) ?? {}
  const read = (filter: Document) =>
    collection
      .find(filterOf({ filters: [filter, own] }), { ...exact, promoteLongs: false })
      .sort({ _id: 1 })
      .limit(size)
      .toArray()
  if (after === undefined) return read({})
  const batch = await read({ _id: { $gt: after } })
  // A comparison ends where ids of another type begin; an expression does not, but reads every key before.
  return batch.length > 0 ? batch : read({ $expr: { $gt: ['$_id', { $literal: after }] } })
}

async function rotateBatch(
  definition: ModelDefinition,
  collection: Collection<Document>,
  batch: readonly Stored[],
  attempt = 1,
): Promise<number> {
  const stale = batch.filter(stored => isStale(definition, stored))
  if (stale.length === 0) return 0
  if (attempt > MOST_ATTEMPTS) throw new VersionConflict({ model: definition.name, id: String(stale[0]!._id) })
  const updates = stale.map(stored => updateOf(definition, stored))
  const { matchedCount } = await collection.bulkWrite(updates as never, { ordered: false })
  if (matchedCount === stale.length) return matchedCount
  const ids = stale.map(stored => stored._id)
  const again = await collection.find({ _id: { $in: ids } } as never, { ...exact, promoteLongs: false }).toArray()
  return matchedCount + (await rotateBatch(definition, collection, again, attempt + 1))
}

function isStale(definition: ModelDefinition, stored: Stored): boolean {
  return someEncrypted(kindOf(definition, stored), stored, (place, value) => !isCurrent(place, value))
}

// Writes only where the old value still is, so that nobody's change is lost.
function updateOf(whole: ModelDefinition, stored: Stored): object {
  const definition = kindOf(whole, stored)
  const names = encryptedFields(definition).map(field => field.name)
  const before = Object.fromEntries(names.filter(name => stored[name] !== undefined).map(name => [name, stored[name]]))
  const sealed = sealDocument(definition, openStored(definition, { ...before, _id: promoted(stored._id) }))
  const after = Object.fromEntries(Object.keys(before).map(name => [name, sealed[name]]))
  const same = Object.entries(before).map(([name, value]) => ({ [name]: { $eq: value } }))
  return { updateOne: { filter: { $and: [{ _id: stored._id }, ...same] }, update: { $set: after } } }
}

function kindOf(definition: ModelDefinition, stored: Stored): ModelDefinition {
  const told = variantField(definition)
  return (told === undefined ? undefined : variantAt(definition, stored[told])) ?? definition
}

function promoted(id: unknown): unknown {
  return BSON.deserialize(BSON.serialize({ id }), { promoteBuffers: false }).id
}
