// Gives the distinct values of a path.

import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collationAt, collectionName, objectAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { DistinctValues } from '../query/distinct.ts'
import { matchesOf, searchOf } from '../query/search.ts'
import { leadingOf } from '../query/source.ts'
import { prepare } from './aggregate.ts'

export const distinct: Command = {
  help: 'gives the distinct values of a path',
  inTransactions: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS, ['key'])
    const path = request.body.get('key') as string
    if (path.includes('\0')) throw new CommandError('BadValue', 'a key cannot contain null bytes')
    return new Map([['values', run(operation, collectionName(request), path)]])
  },
}

const FIELDS = { key: 'string', query: 'object', collation: 'object', hint: 'hint' } as const

function run(operation: Operation, name: string, path: string): Value[] {
  const { request, room, data, limit: time } = operation
  const { body } = request
  const collection = room.catalog.collection(data, request.db, name)
  const collation = body.has('collation') ? collationAt(body) : collection?.collation
  const values = new DistinctValues(path, collation)
  if (collection?.view) {
    for (const document of documentsOfView(operation, name)) values.add(document)
    return values.found
  }
  const filter = objectAt(body, 'query') ?? new Map()
  const asked = { filter, collation, time, hint: body.get('hint') ?? undefined }
  for (const { bytes } of matchesOf(searchOf(data, collection, { asked }))) values.addStored(bytes)
  return values.found
}

function documentsOfView(operation: Operation, name: string): Iterable<Document> {
  const query = objectAt(operation.request.body, 'query')
  const { pipeline, source, below } = prepare(operation, name, query ? [new Map([['$match', query]])] : [])
  const input = source.documents(operation.request.db, below!, leadingOf(pipeline.leading))
  return pipeline.run(input, { from: pipeline.leading.rest })
}
