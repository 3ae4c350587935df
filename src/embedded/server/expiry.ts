// Deletes documents whose time is over, as TTL indexes say.
import { document } from '../bson/literal.ts'
import type { Room } from '../operation/room.ts'
import { matchesOf, searchOf } from '../query/search.ts'
import type { Collection } from '../store/catalog.ts'
import { CollectionWriter } from '../store/collection-writer.ts'
import { copyOf } from '../store/data.ts'

const AT_ONCE = 1000

export async function deleteExpired(room: Room, now: Date): Promise<void> {
  const { catalog, store } = room
  for (const db of catalog.databases(store.data))
    for (const collection of catalog.collections(store.data, db))
      for (const rule of rulesOf(collection)) await expire(room, { collection, ...rule }, now)
}

interface Rule {
  readonly path: string
  readonly seconds: number
}

/** The rules of the indexes, and the one of a clustered collection or of time series. */
function rulesOf({ indexes, options }: Collection): readonly Rule[] {
  const own = options.get('expireAfterSeconds')
  const series = options.get('timeseries')
  const path = series instanceof Map ? String(series.get('timeField')) : '_id'
  return [
    ...indexes.flatMap(({ key, expireAfterSeconds: seconds }) =>
      seconds === undefined ? [] : [{ path: key[0]![0], seconds }],
    ),
    ...(own === undefined ? [] : [{ path, seconds: Number(own) }]),
  ]
}

async function expire(
  { store, catalog }: Room,
  { collection, path, seconds }: Rule & { readonly collection: Collection },
  now: Date,
): Promise<void> {
  const before = new Date(now.getTime() - seconds * 1000)
  const filter = document({ [path]: { $lt: before } })
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
