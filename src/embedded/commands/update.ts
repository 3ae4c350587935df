// Updates documents, or inserts them where none match.

import type { Variables } from '../aggregate/environment.ts'
import { type Document, decodeDocument, int32, type Value } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, checkFields, collationAt, collectionName, flagAt, objectAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { variablesOf } from '../operation/variables.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import { type UpdateAsked, updateDocuments } from '../writes/changes.ts'
import { placeToChange } from '../writes/place-to-change.ts'
import { checkBatchSize, WriteErrors } from '../writes/write-errors.ts'

export const update: Command = {
  help: 'updates documents',
  inTransactions: true,
  retryable: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS, ['updates'])
    const name = collectionName(request)
    const statements = (request.documents.get('updates') ?? []).map(bytes => checked(decodeDocument(bytes)))
    checkBatchSize(statements.length)
    return operation.write(data => updateAll(operation, data, { name, statements }))
  },
}

const FIELDS = {
  updates: 'array',
  ordered: 'flag',
  bypassDocumentValidation: 'bool',
  let: 'object',
  encryptionInformation: 'any',
} as const

const STATEMENT_FIELDS = {
  q: 'object',
  u: 'update',
  c: 'object',
  multi: 'flag',
  upsert: 'flag',
  collation: 'object',
  arrayFilters: 'array',
  hint: 'hint',
  sort: 'object',
  upsertSupplied: 'bool',
  sampleId: 'any',
  allowShardKeyUpdatesWithoutFullShardKeyInQuery: 'bool',
} as const

function checked(statement: Document): Document {
  checkFields(statement, { name: 'update.updates', fields: STATEMENT_FIELDS, required: ['q', 'u'] })
  return statement
}

interface Batch {
  readonly name: string
  readonly statements: readonly Document[]
}

function updateAll(operation: Operation, data: Data, { name, statements }: Batch): Document {
  const { request, transaction } = operation
  const isOrdered = request.body.get('ordered') !== false
  const errors = new WriteErrors({ isOrdered, inTransaction: transaction !== undefined })
  const upserted: Document[] = []
  const counts = { n: 0, modified: 0 }
  const creates = statements.some(one => flagAt(one, 'upsert'))
  const place = placeToChange(operation, data, { name, creates })
  for (const [index, statement] of statements.entries()) {
    if (errors.isStopped) break
    try {
      const asked = askedToUpdate(operation, statement, place.collection)
      const done = updateDocuments(place, asked)
      counts.n += done.matched + (done.upserted ? 1 : 0)
      counts.modified += done.modified
      if (done.upserted) upserted.push(upsertedEntry(index, done.upserted.bytes))
    } catch (error) {
      errors.add(index, error)
    }
  }
  place.writer.finish()
  const reply: Document = new Map([['n', int32(counts.n)]])
  if (upserted.length > 0) reply.set('upserted', upserted)
  return errors.addTo(reply.set('nModified', int32(counts.modified)))
}

/** What a statement asks for, in the collection it is about. */
export function askedToUpdate(
  operation: Operation,
  statement: Document,
  collection: Collection | undefined,
): UpdateAsked {
  const now = new Date()
  const variables = variablesOf(operation.request.body, now)
  return {
    filter: objectAt(statement, 'q') ?? new Map(),
    update: statement.get('u') as Document | Value[],
    arrayFilters: statement.get('arrayFilters') as Value[] | undefined,
    hint: statement.get('hint') ?? undefined,
    sort: objectAt(statement, 'sort'),
    collation: statement.has('collation') ? collationAt(statement) : collection?.collation,
    variables: constantsOf(statement, variables, now),
    now,
    multi: flagAt(statement, 'multi'),
    upsert: flagAt(statement, 'upsert'),
    time: operation.limit,
  }
}

/** `c` names values for a pipeline update, next to the variables of the command. */
function constantsOf(statement: Document, variables: Variables, now: Date): Variables {
  const constants = objectAt(statement, 'c')
  if (constants === undefined) return variables
  if (!Array.isArray(statement.get('u')))
    throw new CommandError(51198, 'Constant values may only be specified for pipeline updates')
  return new Map([...variables, ...variablesOf(new Map([['let', constants]]), now)])
}

function upsertedEntry(index: number, bytes: Buffer): Document {
  return new Map<string, Value>([
    ['index', int32(index)],
    ['_id', decodeFields(bytes, ID).get('_id')!],
  ])
}

const ID = new Set(['_id'])
