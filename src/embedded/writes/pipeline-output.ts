// Writes the results of a pipeline where $out or $merge say.
import { mergeDecision, mergeFilter, mergeInput } from '../aggregate/merge.ts'
import type { MergeOutput, OutOutput, Output } from '../aggregate/output.ts'
import { areStored } from '../aggregate/source.ts'
import { type Document, decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { CommandError } from '../errors.ts'
import { flagAt } from '../operation/arguments.ts'
import { firstReply } from '../operation/first-batch.ts'
import { collectionToWrite, onView } from '../operation/namespace.ts'
import type { Operation, Reply, Room } from '../operation/room.ts'
import type { Scans } from '../query/scans.ts'
import { matchesOf, searchOf } from '../query/search.ts'
import type { Collection } from '../store/catalog.ts'
import { addCollection, addIndexes, dropCollection } from '../store/catalog-changes.ts'
import { CollectionWriter } from '../store/collection-writer.ts'
import { copyOf, type Data } from '../store/data.ts'
import type { Place } from './changes.ts'
import { readyToInsert } from './new-document.ts'
import { validatorOf } from './validation.ts'

export interface Writing {
  /** the collection that is read */
  readonly name: string
  readonly output: Output
  run(): Iterable<Document>
  readonly scans: Scans
}

export async function writeOutput(operation: Operation, { name, output, run, scans }: Writing): Promise<Reply> {
  const { request, room, transaction } = operation
  if (transaction)
    throw new CommandError('OperationNotSupportedInTransaction', `$${output.kind} cannot be used in a transaction`)
  checkTarget(operation, output)
  const documents = incomingOf(run())
  const bypass = flagAt(request.body, 'bypassDocumentValidation')
  await room.store.write(data =>
    output.kind === 'out'
      ? replaceAll(room, data, { output, documents })
      : mergeAll(room, data, { output, documents, bypass }),
  )
  return firstReply(operation, { namespace: `${request.db}.${name}`, results: [], scans, batchSize: undefined })
}

/** What a pipeline gives to be written: bytes of the storage, where no stage has looked into them. */
type Incoming = Document | Buffer

function incomingOf(documents: Iterable<Document>): readonly Incoming[] {
  return areStored(documents) ? Array.from(documents.stored, bytes => copyOf(bytes)) : [...documents]
}

function decoded(incoming: Incoming): Document {
  return Buffer.isBuffer(incoming) ? decodeDocument(incoming) : incoming
}

function encoded(incoming: Incoming): Buffer {
  return Buffer.isBuffer(incoming) ? incoming : encodeDocument(incoming)
}

function checkTarget({ room, data }: Operation, { db, collection: name }: Output): void {
  const target = room.catalog.collection(data, db, name)
  if (target?.view) throw onView(target.namespace)
}

/** Puts a new collection with the same options and indexes in the place of the old one. */
function replaceAll(
  room: Room,
  data: Data,
  { output, documents }: { output: OutOutput; documents: readonly Incoming[] },
): void {
  const { db, collection: name } = output
  const old = room.catalog.collection(data, db, name)
  if (old) dropCollection(data, old)
  addCollection(data, { db, name }, old?.options ?? new Map())
  const specs = (old?.indexes ?? []).slice(1).map(({ raw }) => ({ spec: raw, multikey: [], truncated: false }))
  if (specs.length > 0) addIndexes(data, room.catalog.collection(data, db, name)!, specs)
  const target = room.catalog.collection(data, db, name)!
  const check = validatorOf(target, { bypass: false })
  const writer = new CollectionWriter(data, target)
  for (const document of documents) {
    const bytes = readyToInsert(encoded(document))
    check?.(bytes)
    writer.insert(bytes)
  }
  writer.finish()
}

interface Merging {
  readonly output: MergeOutput
  readonly documents: readonly Incoming[]
  readonly bypass: boolean
}

function mergeAll(room: Room, data: Data, { output, documents, bypass }: Merging): void {
  const target = collectionToWrite(room, data, { db: output.db, name: output.collection })
  requireUniqueIndex(target, output)
  const place: MergePlace = {
    data,
    target,
    check: validatorOf(target, { bypass }),
    writer: new CollectionWriter(data, target),
  }
  // Where the last one was new, the next one mostly is: to insert it tells whether it is.
  const canInsert = output.whenNotMatched === 'insert' && output.on.join() === '_id'
  let _isNew = canInsert
  for (const document of documents) {
    _isNew &&= isInserted(place, document)
    _isNew ||= mergeOne(place, output, decoded(document)) && canInsert
  }
  place.writer.finish()
}

interface MergePlace extends Omit<Place, 'collection'> {
  readonly target: Collection
}

const NULL = 10

/** Inserts a document of the storage; false where it cannot be, for what the target holds or demands. */
function isInserted({ check, writer }: MergePlace, document: Incoming): boolean {
  if (!Buffer.isBuffer(document) || document[4] === NULL) return false
  try {
    const bytes = readyToInsert(document)
    check?.(bytes)
    writer.insert(bytes)
    return true
  } catch (error) {
    if (error instanceof CommandError) return false
    throw error
  }
}

/** Says whether the document was new. */
function mergeOne({ data, target, check, writer }: MergePlace, output: MergeOutput, document: Document): boolean {
  const incoming = mergeInput(output, document)
  const found = storedFor(data, target, mergeFilter(output, incoming))
  const decision = mergeDecision(output, found && decodeDocument(found.bytes), incoming)
  if (decision.kind === 'nothing') return !found
  const bytes = encodeDocument(decision.document)
  const after = decision.kind === 'insert' ? readyToInsert(bytes) : bytes
  check?.(after, found?.bytes)
  if (!found) writer.insert(after)
  else if (!after.equals(found.bytes)) writer.update({ record: found.record, before: found.bytes, after, paths: null })
  return !found
}

function storedFor(data: Data, target: Collection, filter: Document): { record: number; bytes: Buffer } | undefined {
  for (const { record, bytes } of matchesOf(searchOf(data, target, { asked: { filter } })))
    return { record, bytes: copyOf(bytes) }
  return undefined
}

function requireUniqueIndex({ indexes }: Collection, { on }: MergeOutput): void {
  const wanted = [...on].sort().join('\0')
  const found = indexes.some(index =>
    index.unique || index.name === '_id_'
      ? index.key
          .map(([path]) => path)
          .sort()
          .join('\0') === wanted && !index.partial
      : false,
  )
  if (!found) throw new CommandError(51183, 'Cannot find index to verify that join fields will be unique')
}
