// Changes or deletes one document and gives it as it was before or after.

import { type Document, decodeDocument, int32, type Value } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import { CommandError } from '../errors.ts'
import { compileFilter } from '../match/filter.ts'
import { checkCommand, collationAt, collectionName, flagAt, objectAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { variablesOf } from '../operation/variables.ts'
import { compileProjection } from '../project/projection.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import { removeDocuments, type UpdateAsked, type Updated, updateDocuments } from '../writes/changes.ts'
import { placeToChange } from '../writes/place-to-change.ts'

export const findAndModify: Command = {
  help: 'changes one document and gives it',
  inTransactions: true,
  retryable: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS)
    checkOptions(request.body)
    const name = collectionName(request)
    return operation.write(data => run(operation, data, name))
  },
}

const FIELDS = {
  query: 'object',
  fields: 'object',
  sort: 'object',
  hint: 'hint',
  collation: 'object',
  arrayFilters: 'array',
  remove: 'bool',
  update: 'any',
  upsert: 'bool',
  new: 'bool',
  bypassDocumentValidation: 'bool',
  let: 'object',
  encryptionInformation: 'any',
  allowShardKeyUpdatesWithoutFullShardKeyInQuery: 'bool',
} as const

function checkOptions(body: Document): void {
  const removes = flagAt(body, 'remove')
  if (removes && body.has('update'))
    throw new CommandError('FailedToParse', "Cannot specify both an 'update' and 'remove'=true")
  if (removes && flagAt(body, 'upsert'))
    throw new CommandError('FailedToParse', "Cannot specify both 'upsert'=true and 'remove'=true")
  if (removes && flagAt(body, 'new'))
    throw new CommandError(
      'FailedToParse',
      "Cannot specify both 'new'=true and 'remove'=true; 'remove' always returns the deleted document",
    )
  if (removes && body.has('arrayFilters'))
    throw new CommandError('FailedToParse', "Cannot specify 'arrayFilters' and 'remove'=true")
  const update = body.get('update')
  if (update !== undefined && !(update instanceof Map) && !Array.isArray(update))
    throw new CommandError('FailedToParse', 'Update argument must be either an object or an array')
  if (!removes && update === undefined)
    throw new CommandError('FailedToParse', "Either an 'update' or 'remove'=true must be specified")
}

function run(operation: Operation, data: Data, name: string): Document {
  const { body } = operation.request
  const place = placeToChange(operation, data, { name, creates: flagAt(body, 'upsert') })
  const asked = askedOf(operation, place.collection)
  if (flagAt(body, 'remove')) {
    const { count, document } = removeDocuments(place, asked)
    return reply(new Map([['n', int32(count)]]), projected(document, asked, body))
  }
  const done = updateDocuments(place, asked)
  place.writer.finish()
  return reply(outcomeOf(done), projected(given(done, flagAt(body, 'new')), asked, body))
}

function given({ before, after, upserted }: Updated, isNew: boolean): Buffer | undefined {
  return isNew ? (upserted?.bytes ?? after) : before
}

function outcomeOf({ matched, upserted }: Updated): Document {
  const outcome: Document = new Map<string, Value>([
    ['n', int32(upserted ? 1 : matched)],
    ['updatedExisting', matched > 0],
  ])
  if (upserted) outcome.set('upserted', decodeFields(upserted.bytes, new Set(['_id'])).get('_id')!)
  return outcome
}

function reply(outcome: Document, value: Value): Document {
  return new Map<string, Value>([
    ['lastErrorObject', outcome],
    ['value', value],
  ])
}

function projected(bytes: Buffer | undefined, asked: UpdateAsked, body: Document): Value {
  if (bytes === undefined) return null
  const fields = objectAt(body, 'fields')
  if (fields === undefined) return decodeDocument(bytes)
  const filter = compileFilter(asked.filter, asked)
  return compileProjection(fields, { ...asked, filter }).apply(decodeDocument(bytes))
}

function askedOf(operation: Operation, collection: Collection | undefined): UpdateAsked {
  const { body } = operation.request
  const now = new Date()
  return {
    filter: objectAt(body, 'query') ?? new Map(),
    update: (body.get('update') ?? new Map()) as Document | Value[],
    arrayFilters: body.get('arrayFilters') as Value[] | undefined,
    sort: objectAt(body, 'sort'),
    hint: body.get('hint') ?? undefined,
    collation: body.has('collation') ? collationAt(body) : collection?.collation,
    variables: variablesOf(body, now),
    now,
    multi: false,
    upsert: flagAt(body, 'upsert'),
    time: operation.limit,
  }
}
