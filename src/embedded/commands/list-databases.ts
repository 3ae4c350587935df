// Lists the databases that have collections.

import type { Document, Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { compileFilter } from '../match/filter.ts'
import { checkCommand, flagAt, objectAt } from '../operation/arguments.ts'
import type { Command } from '../operation/room.ts'

export const listDatabases: Command = {
  help: 'lists databases',
  adminOnly: true,
  run: ({ request, room, data }) => {
    checkCommand(request, { filter: 'object', nameOnly: 'bool', authorizedDatabases: 'bool' })
    const filter = compileFilter(objectAt(request.body, 'filter') ?? new Map())
    const names = room.catalog.databases(data)
    const size = room.store.size()
    const share = Math.floor(size / Math.max(names.length, 1))
    const all = names.map(name => document({ name, sizeOnDisk: share, empty: false }))
    const databases: Document[] = all.filter(one => filter.matches(one))
    if (!flagAt(request.body, 'nameOnly'))
      return document({ totalSize: size, totalSizeMb: Math.floor(size / 2 ** 20) }).set('databases', databases)
    return new Map<string, Value>([['databases', databases.map(one => new Map([['name', one.get('name')!]]))]])
  },
}
