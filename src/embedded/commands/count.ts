// Counts the documents that match a query.

import { type Document, int32 } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collationAt, collectionName, countAt, numberAt, objectAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { pipelineOfCount } from '../operation/views.ts'
import { counted } from '../query/count.ts'
import type { Asked } from '../query/search.ts'
import { leadingOf } from '../query/source.ts'
import type { Collection } from '../store/catalog.ts'
import { isNumber } from '../values/numbers.ts'
import { prepare } from './aggregate.ts'

export const count: Command = {
  help: 'counts documents',
  run: operation => {
    checkCommand(operation.request, FIELDS)
    return new Map([['n', numberFor(run(operation, collectionName(operation.request)))]])
  },
}

const FIELDS = {
  query: 'object',
  limit: 'number',
  skip: 'number',
  hint: 'hint',
  collation: 'object',
  fields: 'any',
  let: 'object',
  queryOptions: 'any',
  encryptionInformation: 'any',
} as const

function numberFor(count: number) {
  return count < 2 ** 31 ? int32(count) : count
}

function run(operation: Operation, name: string): number {
  const { request, room, data } = operation
  const collection = room.catalog.collection(data, request.db, name)
  if (collection?.view) return countView(operation, name)
  const { skip, limit } = boundsOf(request.body)
  const most = skip + limit
  const found = counted(data, collection, { asked: countAsked(operation, collection), most })
  return Math.min(Math.max(found - skip, 0), limit)
}

function boundsOf(body: Document): { readonly skip: number; readonly limit: number } {
  const limit = body.get('limit')
  if (limit !== undefined && limit !== null && !isNumber(limit))
    throw new CommandError('TypeMismatch', "BSON field 'count.limit' is the wrong type")
  const most = Math.abs(Math.trunc(numberAt(body, 'limit') ?? 0))
  return { skip: countAt(body, 'skip', 'count') ?? 0, limit: most === 0 ? Number.POSITIVE_INFINITY : most }
}

export function countAsked({ request: { body }, limit }: Operation, collection: Collection | undefined): Asked {
  return {
    filter: objectAt(body, 'query') ?? new Map(),
    hint: body.get('hint') ?? undefined,
    collation: body.has('collation') ? collationAt(body) : collection?.collation,
    time: limit,
  }
}

function countView(operation: Operation, name: string): number {
  const { pipeline, source, below } = prepare(operation, name, pipelineOfCount(operation.request.body))
  const input = source.documents(operation.request.db, below!, leadingOf(pipeline.leading))
  for (const found of pipeline.run(input, { from: pipeline.leading.rest })) return Number(found.get('n'))
  return 0
}
