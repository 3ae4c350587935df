// Change streams: what happens to the documents of a model, as it happens.
import type { ChangeStreamDocument, Document } from 'mongodb'
import { BSON } from 'mongodb'
import { GooseError } from '../errors.ts'
import { type DocumentBase, hydrate, type RuntimeModel } from './document.ts'
import { collectionOf } from './execute.ts'

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
  return changes(model, first, stream)
}

async function* changes(
  model: RuntimeModel,
  first: ChangeStreamDocument | null,
  rest: AsyncIterable<ChangeStreamDocument>,
): AsyncGenerator<Change<DocumentBase>> {
  if (first) yield changeOf(model, first)
  for await (const event of rest) yield changeOf(model, event)
}

function changeOf(model: RuntimeModel, event: ChangeStreamDocument): Change<DocumentBase> {
  const { documentKey, fullDocument } = event as { readonly documentKey?: Document; readonly fullDocument?: Document }
  const document = fullDocument ? hydrate(model, BSON.serialize(fullDocument)) : null
  return { operation: event.operationType, _id: documentKey?._id, document }
}
