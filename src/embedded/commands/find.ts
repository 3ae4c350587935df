// Finds documents of a collection or a view.
import { NO_VARIABLES } from '../aggregate/environment.ts'
import type { Document } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collationAt, collectionName, countAt, flagAt, objectAt } from '../operation/arguments.ts'
import { firstReply } from '../operation/first-batch.ts'
import type { Command, Operation, Reply } from '../operation/room.ts'
import { variablesOf } from '../operation/variables.ts'
import { pipelineOfFind } from '../operation/views.ts'
import { type FindAsked, find as findIn } from '../query/find.ts'
import { Scans } from '../query/scans.ts'
import { tail } from '../query/tail.ts'
import type { Collection } from '../store/catalog.ts'
import { runAggregate } from './aggregate.ts'

export const find: Command = {
  help: 'finds documents',
  inTransactions: true,
  run: operation => {
    const { request } = operation
    checkFind(operation)
    return run(operation, collectionName(request))
  },
}

const FIELDS = {
  filter: 'object',
  sort: 'object',
  projection: 'object',
  hint: 'hint',
  skip: 'number',
  limit: 'number',
  batchSize: 'number',
  singleBatch: 'bool',
  max: 'object',
  min: 'object',
  returnKey: 'bool',
  showRecordId: 'bool',
  tailable: 'bool',
  oplogReplay: 'bool',
  noCursorTimeout: 'bool',
  awaitData: 'bool',
  allowPartialResults: 'bool',
  collation: 'object',
  allowDiskUse: 'bool',
  let: 'object',
  term: 'number',
  readOnce: 'bool',
  ntoreturn: 'number',
} as const

export function checkFind({ request }: Operation): void {
  checkCommand(request, FIELDS)
  const isTail = flagAt(request.body, 'tailable')
  if (isTail && flagAt(request.body, 'singleBatch'))
    throw new CommandError('FailedToParse', "Cannot use tailable option with the 'singleBatch' option")
  if (isTail && !isNatural(objectAt(request.body, 'sort')))
    throw new CommandError(
      'BadValue',
      'error processing query: cannot use tailable option with a sort other than {$natural: 1}',
    )
  if (flagAt(request.body, 'awaitData') && !isTail)
    throw new CommandError('FailedToParse', "Cannot set 'awaitData' without also setting 'tailable'")
}

function run(operation: Operation, name: string): Reply | Promise<Reply> {
  const { request, room, data } = operation
  const { body } = request
  const collection = room.catalog.collection(data, request.db, name)
  if (collection?.view) return runAggregate(operation, name, pipelineOfFind(body))
  const scans = new Scans()
  const asked = askedOf(operation, collection?.collation)
  const isTail = flagAt(body, 'tailable')
  if (isTail && !collection?.options.get('capped'))
    throw new CommandError('BadValue', 'error processing query: tailable cursor requested on non capped collection')
  return firstReply(operation, {
    namespace: `${request.db}.${name}`,
    results: isTail
      ? tailIn(operation, collection!, { asked, scans })
      : findIn(data, collection, { asked, scans }).results,
    scans,
    batchSize: countAt(body, 'batchSize', 'find'),
    isSingle: flagAt(body, 'singleBatch'),
    noTimeout: flagAt(body, 'noCursorTimeout'),
    awaits: flagAt(body, 'awaitData'),
    isTail,
  })
}

function tailIn(
  { request, room, data }: Operation,
  collection: Collection,
  found: { readonly asked: FindAsked; readonly scans: Scans },
): Iterable<Uint8Array> {
  const isThere = () => room.catalog.collection(data, request.db, collection.name)?.id === collection.id
  return tail(data, collection, { ...found, isThere })
}

function isNatural(sort: Document | undefined): boolean {
  return sort === undefined || sort.size === 0 || Number(sort.get('$natural')) === 1
}

/** Reads what a find asks for. */
export function askedOf(operation: Operation, collation: FindAsked['collation']): FindAsked {
  const { body } = operation.request
  const now = new Date()
  return {
    filter: objectAt(body, 'filter') ?? new Map(),
    sort: objectAt(body, 'sort'),
    projection: objectAt(body, 'projection'),
    hint: body.get('hint') ?? undefined,
    min: nonEmpty(objectAt(body, 'min')),
    max: nonEmpty(objectAt(body, 'max')),
    skip: countAt(body, 'skip', 'find') ?? 0,
    limit: countAt(body, 'limit', 'find') || Number.POSITIVE_INFINITY,
    collation: body.has('collation') ? collationAt(body) : collation,
    variables: body.has('let') ? variablesOf(body, now) : NO_VARIABLES,
    now,
    time: operation.limit,
    allowsDisk: body.get('allowDiskUse') !== false,
    returnKey: flagAt(body, 'returnKey'),
    showRecordId: flagAt(body, 'showRecordId'),
  }
}

function nonEmpty(document: Document | undefined): Document | undefined {
  return document && document.size > 0 ? document : undefined
}
