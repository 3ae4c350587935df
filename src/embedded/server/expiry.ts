// Deletes documents whose time is over, as TTL indexes say.
import { document } from '../bson/literal.ts'
import type { Room } from '../operation/room.ts'
import { matchesOf, searchOf } from '../query/search.ts'
import type { Collection, Index } from '../store/catalog.ts'
import { CollectionWriter } from '../store/collection-writer.ts'
import { copyOf } from '../store/data.ts'

const AT_ONCE = 1000

export async function deleteExpired(room: Room, now: Date): Promise<void> {
  const { catalog, store } = room
  for (const db of catalog.databases(store.data))
    for (const collection of catalog.collections(store.data, db))
      for (const index of collection.indexes)
        if (index.expireAfterSeconds !== undefined) await expire(room, { collection, index }, now)
}

async function expire(
  { store, catalog }: Room,
  { collection, index }: { readonly collection: Collection; readonly index: Index },
  now: Date,
): Promise<void> {
  const before = new Date(now.getTime() - index.expireAfterSeconds! * 1000)
  const filter = document({ [index.key[0]![0]]: { $lt: before } })
  for (let deleted = AT_ONCE; deleted === AT_ONCE; )
    deleted = await store.write(data => {
      const present = catalog.collection(data, collection.db, collection.name)
      if (present?.id !== collection.id) return 0
      const found: { record: number; bytes: Buffer }[] = []
      for (const { record, bytes } of matchesOf(searchOf(data, present, { asked: { filter } }))) {
        found.push({ record, bytes: copyOf(bytes) })
        if (found.length === AT_ONCE) break
      }
      const writer = new CollectionWriter(data, present)
      for (const { record, bytes } of found) writer.remove(record, bytes)
      return found.length
    })
}
