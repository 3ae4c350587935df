// Lists the collections and views of a database.

import type { Document, Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { document } from '../bson/literal.ts'
import { compileFilter } from '../match/filter.ts'
import { checkCommand, countAt, flagAt, objectAt } from '../operation/arguments.ts'
import { firstReply } from '../operation/first-batch.ts'
import type { Command } from '../operation/room.ts'
import { Scans } from '../query/scans.ts'
import type { Collection } from '../store/catalog.ts'

export const listCollections: Command = {
  help: 'lists collections',
  run: operation => {
    const { request, room, data } = operation
    checkCommand(request, { filter: 'object', nameOnly: 'bool', cursor: 'object', authorizedCollections: 'bool' })
    const filter = compileFilter(objectAt(request.body, 'filter') ?? new Map())
    const isShort = flagAt(request.body, 'nameOnly')
    const all = room.catalog.collections(data, request.db).map(description)
    const found = all.filter(one => filter.matches(one))
    return firstReply(operation, {
      namespace: `${request.db}.$cmd.listCollections`,
      results: found.map(one => encodeDocument(isShort ? shortened(one) : one)),
      scans: new Scans(),
      batchSize: countAt(objectAt(request.body, 'cursor') ?? new Map(), 'batchSize', 'listCollections.cursor'),
    })
  },
}

function description({ name, view, options, uuid, indexes }: Collection): Document {
  const info = document({ readOnly: view !== undefined })
  if (!view) info.set('uuid', uuid)
  const described = new Map<string, Value>([
    ['name', name],
    ['type', view ? 'view' : options.has('timeseries') ? 'timeseries' : 'collection'],
    ['options', options],
    ['info', info],
  ])
  const idIndex = indexes.find(index => index.name === '_id_')
  if (idIndex && !options.has('clusteredIndex')) described.set('idIndex', idIndex.raw)
  return described
}

function shortened(description: Document): Document {
  return new Map([...description].filter(([field]) => field === 'name' || field === 'type'))
}
