// Deletes documents.

import { type Document, decodeDocument, int32 } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import {
  checkCommand,
  checkFields,
  collationAt,
  collectionName,
  flagAt,
  numberAt,
  objectAt,
} from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { variablesOf } from '../operation/variables.ts'
import type { Asked } from '../query/search.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import { removeDocuments } from '../writes/changes.ts'
import { placeToChange } from '../writes/place-to-change.ts'
import { checkBatchSize, WriteErrors } from '../writes/write-errors.ts'

export const deleteCommand: Command = {
  help: 'deletes documents',
  inTransactions: true,
  retryable: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS, ['deletes'])
    const name = collectionName(request)
    const statements = (request.documents.get('deletes') ?? []).map(bytes => checked(decodeDocument(bytes)))
    checkBatchSize(statements.length)
    return operation.write(data => deleteAll(operation, data, { name, statements }))
  },
}

const FIELDS = {
  deletes: 'array',
  ordered: 'flag',
  let: 'object',
  bypassDocumentValidation: 'bool',
  encryptionInformation: 'any',
} as const
const STATEMENT_FIELDS = { q: 'object', limit: 'number', collation: 'object', hint: 'hint', sampleId: 'any' } as const

function checked(statement: Document): Document {
  checkFields(statement, { name: 'delete.deletes', fields: STATEMENT_FIELDS, required: ['q', 'limit'] })
  const limit = numberAt(statement, 'limit')
  if (limit !== 0 && limit !== 1)
    throw new CommandError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`)
  return statement
}

interface Batch {
  readonly name: string
  readonly statements: readonly Document[]
}

function deleteAll(operation: Operation, data: Data, { name, statements }: Batch): Document {
  const isOrdered = operation.request.body.get('ordered') !== false
  const errors = new WriteErrors({ isOrdered, inTransaction: operation.transaction !== undefined })
  const place = placeToChange(operation, data, { name, creates: false })
  let count = 0
  for (const [index, statement] of statements.entries()) {
    if (errors.isStopped) break
    try {
      const asked = askedToDelete(operation, statement, place.collection)
      const isLast = index === statements.length - 1 && operation.transaction === undefined
      count += removeDocuments(place, { ...asked, multi: !flagAt(statement, 'limit'), isLast }).count
    } catch (error) {
      errors.add(index, error)
    }
  }
  return errors.addTo(new Map([['n', int32(count)]]))
}

/** What a statement asks for, in the collection it is about. */
export function askedToDelete(operation: Operation, statement: Document, collection: Collection | undefined): Asked {
  const now = new Date()
  return {
    filter: objectAt(statement, 'q') ?? new Map(),
    hint: statement.get('hint') ?? undefined,
    collation: statement.has('collation') ? collationAt(statement) : collection?.collation,
    variables: variablesOf(operation.request.body, now),
    now,
    time: operation.limit,
  }
}
