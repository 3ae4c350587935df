// Change streams: what happens to the documents of a model, as it happens.
import type { ChangeStreamDocument, Document } from 'mongodb'
import { BSON } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { DocumentBase, RuntimeModel } from './document.ts'
import { collectionOf } from './execute.ts'
import { readInto } from './fit.ts'

/** One change of a document. */
export interface Change<D> {
  readonly operation: string
  readonly _id: unknown
  /** The document as it is now; null when it is gone. */
  readonly document: D | null
}

/** Opens a change stream. Throws `NOT_SUPPORTED` where the server has none. */
export async function watchOf(
  model: RuntimeModel,
  pipeline: readonly Document[],
): Promise<AsyncIterable<Change<DocumentBase>>> {
  const collection = await collectionOf(model.definition)
  const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true }
  const stream = collection.watch(pipeline as Document[], { fullDocument: 'updateLookup', ...exact })
  const first = await stream.tryNext().catch(error => {
    throw new GooseError(
      'NOT_SUPPORTED',
      { what: 'watch()', reason: 'this server has no change streams', hint: 'use a replica set of MongoDB' },
      { cause: error },
    )
  })
  return changesFrom(model, startingWith(first, stream))
}

/** Makes changes of the events of a stream. Throws `ValidationFailed` for a document that does not fit, with `validateOnRead`. */
export async function* changesFrom(
  model: RuntimeModel,
  events: AsyncIterable<ChangeStreamDocument>,
): AsyncGenerator<Change<DocumentBase>> {
  for await (const event of events) yield changeOf(model, event)
}

async function* startingWith<E>(first: E | null, rest: AsyncIterable<E>): AsyncGenerator<E> {
  if (first) yield first
  yield* rest
}

async function changeOf(model: RuntimeModel, event: ChangeStreamDocument): Promise<Change<DocumentBase>> {
  const { documentKey, fullDocument } = event as { readonly documentKey?: Document; readonly fullDocument?: Document }
  const [document = null] = fullDocument ? await readInto(model, [BSON.serialize(fullDocument)]) : []
  return { operation: event.operationType, _id: documentKey?._id, document }
}
