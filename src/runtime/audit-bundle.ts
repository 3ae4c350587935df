// Bundles of audit entries: many changes of one batch in one stored document, and the entries they stand for.
import { BSON, type Document, ObjectId } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { isPlain } from '../models/plain.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { type Columns, changesAt, columnsBetween, columnsOf, shapeOf } from './audit-columns.ts'
import { draftOf, type EntryBody, fieldsIn, type Occasion } from './audit-entry.ts'
import { isEqualStored, type Stored } from './codec.ts'

/** Several entries in one document: its `documentId` and `fields` are lists, so that the same indexes find them. */
interface Bundle extends Omit<AuditEntry, 'documentId' | 'changes'> {
  readonly documentId: readonly unknown[]
  readonly columns: Columns
}

// Each document of the log has a key in eight indexes: a bundle has them once for all its entries.
const MOST = 100
// So few are entries of their own, which any tool can read.
const FEW = 20

/** Makes what is stored of changes of one occasion: bundles of those that are alike, or an entry for each of a few. */
export function bundlesOf(
  definition: ModelDefinition,
  occasion: Occasion,
  bodies: readonly EntryBody[],
): readonly Document[] {
  return alike(bodies).flatMap(some =>
    some.length > FEW
      ? [bundleOf(definition, occasion, some)]
      : some.map(body => draftOf(definition, occasion, body) as Document),
  )
}

/** Takes a bundle apart into two, where it is larger than a document may be. */
export function halvesOf(bundle: Document): readonly Document[] {
  const { documentId, columns, ...common } = bundle as Bundle
  const [middle, end] = [Math.ceil(documentId.length / 2), documentId.length]
  const part = (_id: unknown, from: number, to: number) => ({
    ...common,
    _id,
    documentId: documentId.slice(from, to),
    columns: columnsBetween(columns, from, to),
  })
  const first = common._id as ObjectId
  return [part(first, 0, middle), part(idAt(first, middle), middle, end)]
}

/** Gives a size that a value does not exceed in bytes, sooner than it could be measured. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return 3 * value.length + 8
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof ObjectId) return 24
  if (!Array.isArray(value) && !isPlain(value)) return BSON.calculateObjectSize({ value })
  let weight = 16
  for (const name of Object.keys(value)) weight += 3 * name.length + 8 + weightOf((value as Stored)[name])
  return weight
}

/** Says whether a document of the log stands for several entries. */
export function isBundle(stored: Document): boolean {
  return Array.isArray(stored.documentId)
}

/** Gives the entries that a document of the log stands for, oldest first. */
export function unbundled(stored: Document): readonly AuditEntry[] {
  if (!isBundle(stored)) return [stored as AuditEntry]
  const { documentId, columns, fields, _id, ...common } = stored as Bundle
  return documentId.map((id, place) => {
    const changes = changesAt(columns, place)
    return {
      ...common,
      _id: idAt(_id as ObjectId, place),
      documentId: id,
      changes,
      ...(fields === undefined ? {} : { fields: fieldsIn(Object.keys(changes)) }),
    }
  })
}

/** Gives the entries of one document among those that documents of the log stand for. */
export function entriesFor(stored: readonly Document[], documentId: unknown): AuditEntry[] {
  return stored.flatMap(unbundled).filter(entry => isEqualStored(entry.documentId, documentId))
}

/** Puts changes of the same operation and shape together, as many as fit a bundle. */
function alike(bodies: readonly EntryBody[]): readonly (readonly EntryBody[])[] {
  const all: EntryBody[][] = []
  const open = new Map<string, EntryBody[]>()
  for (const body of bodies) {
    const shape = `${body.operation}\0${shapeOf(body.changes)}`
    const group = open.get(shape)
    if (group && group.length < MOST) group.push(body)
    else {
      const next = [body]
      open.set(shape, next)
      all.push(next)
    }
  }
  return all
}

function bundleOf(definition: ModelDefinition, occasion: Occasion, bodies: readonly EntryBody[]): Document {
  const { _id, changes: _, documentId: __, ...common } = draftOf(definition, occasion, bodies[0]!)
  return {
    _id: idsInARow(bodies.length),
    ...common,
    documentId: bodies.map(({ documentId }) => documentId),
    columns: columnsOf(bodies.map(({ changes }) => changes)),
  }
}

// The last three bytes of an id count on; what was counted is nobody else's.
function idsInARow(count: number): ObjectId {
  for (;;) {
    const ids = Array.from({ length: count }, () => new ObjectId())
    const [first, last] = [ids[0]!, ids[count - 1]!]
    const isSameMoment = first.id.subarray(0, 9).every((byte, i) => byte === last.id[i])
    if (isSameMoment && counted(last) - counted(first) === count - 1) return first
  }
}

function counted({ id }: ObjectId): number {
  return Buffer.from(id).readUIntBE(9, 3)
}

/** Gives the id of an entry in a bundle by that of the bundle. */
export function idAt(first: ObjectId, place: number): ObjectId {
  const bytes = Buffer.from(first.id)
  bytes.writeUIntBE(counted(first) + place, 9, 3)
  return new ObjectId(bytes)
}
