// Inserts documents.

import type { Document } from '../bson/decode.ts'
import { int32 } from '../bson/decode.ts'
import { checkCommand, collectionName, flagAt } from '../operation/arguments.ts'
import { collectionToWrite, refuseInTransaction } from '../operation/namespace.ts'
import type { Command, Operation } from '../operation/room.ts'
import { CollectionWriter } from '../store/collection-writer.ts'
import type { Data } from '../store/data.ts'
import { readyToInsert } from '../writes/new-document.ts'
import { validatorOf } from '../writes/validation.ts'
import { checkBatchSize, WriteErrors } from '../writes/write-errors.ts'

export const insert: Command = {
  help: 'inserts documents',
  inTransactions: true,
  retryable: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS, ['documents'])
    const name = collectionName(request)
    const documents = request.documents.get('documents') ?? []
    checkBatchSize(documents.length)
    const ready = documents.map(readyOrError)
    return operation.write(data => insertAll(operation, data, { name, ready }))
  },
}

const FIELDS = {
  documents: 'array',
  ordered: 'flag',
  bypassDocumentValidation: 'bool',
  encryptionInformation: 'any',
} as const

type Ready = Buffer | { readonly error: unknown }

/** What is wrong with a document is said in its turn. */
function readyOrError(bytes: Buffer): Ready {
  try {
    return readyToInsert(bytes)
  } catch (error) {
    return { error }
  }
}

function insertAll(
  { request, room, transaction }: Operation,
  data: Data,
  { name, ready }: { readonly name: string; readonly ready: readonly Ready[] },
): Document {
  const collection = collectionToWrite(room, data, { db: request.db, name })
  refuseInTransaction(collection, transaction)
  const check = validatorOf(collection, { bypass: flagAt(request.body, 'bypassDocumentValidation') })
  const writer = new CollectionWriter(data, collection)
  const isOrdered = request.body.get('ordered') !== false
  const errors = new WriteErrors({ isOrdered, inTransaction: transaction !== undefined })
  let count = 0
  for (const [index, document] of ready.entries()) {
    if (errors.isStopped) break
    try {
      if (!Buffer.isBuffer(document)) throw document.error
      check?.(document)
      writer.insert(document)
      count++
    } catch (error) {
      errors.add(index, error)
    }
  }
  writer.finish()
  return errors.addTo(new Map([['n', int32(count)]]))
}
