// Drops all collections and views of a database.

import { document } from '../bson/literal.ts'
import { checkCommand } from '../operation/arguments.ts'
import type { Command } from '../operation/room.ts'
import { dropCollection } from '../store/catalog-changes.ts'
import { removeDiscarded } from '../store/discarded.ts'

export const dropDatabase: Command = {
  help: 'drops a database',
  run: async ({ request, room, write }) => {
    checkCommand(request, {})
    const count = await write(data => {
      const found = room.catalog.collections(data, request.db)
      for (const collection of found) dropCollection(data, collection)
      return found.length
    })
    await removeDiscarded(room.store)
    return document(count > 0 ? { dropped: request.db } : {})
  },
}
