// Prepares the collection of an update, a delete or a findAndModify inside its write.
import { flagAt } from '../operation/arguments.ts'
import { collectionToWrite, onView, refuseInTransaction } from '../operation/namespace.ts'
import type { Operation } from '../operation/room.ts'
import { type Collection, NO_COLLECTION } from '../store/catalog.ts'
import { CollectionWriter } from '../store/collection-writer.ts'
import type { Data } from '../store/data.ts'
import type { Place } from './changes.ts'
import { validatorOf } from './validation.ts'

export interface Target {
  readonly name: string
  /** whether the collection is created where there is none */
  readonly creates: boolean
}

export function placeToChange({ request, room, transaction }: Operation, data: Data, { name, creates }: Target): Place {
  const namespace = { db: request.db, name }
  const collection = creates
    ? collectionToWrite(room, data, namespace)
    : room.catalog.collection(data, request.db, name)
  if (collection?.view) throw onView(collection.namespace)
  refuseInTransaction(collection, transaction)
  const bypass = flagAt(request.body, 'bypassDocumentValidation')
  return {
    data,
    collection,
    check: collection && validatorOf(collection, { bypass }),
    writer: new CollectionWriter(data, collection ?? NOWHERE),
  }
}

/** Nothing is found there, so nothing is written there. */
const NOWHERE = { id: NO_COLLECTION, db: '', name: '', indexes: [], indexedFields: new Set() } as unknown as Collection
