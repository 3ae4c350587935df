// Finds the collection a command is about, and creates it where a write needs it.
import { CommandError } from '../errors.ts'
import type { Collection } from '../store/catalog.ts'
import { addCollection } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'
import type { Room } from './room.ts'

export interface Namespace {
  readonly db: string
  readonly name: string
}

/** Gives a collection to write to, created where there is none. */
export function collectionToWrite(room: Room, data: Data, { db, name }: Namespace): Collection {
  const found = room.catalog.collection(data, db, name)
  if (found?.view) throw onView(found.namespace)
  if (found) return found
  addCollection(data, { db, name }, new Map())
  return room.catalog.collection(data, db, name)!
}

export function existing(room: Room, data: Data, { db, name }: Namespace): Collection {
  const found = room.catalog.collection(data, db, name)
  if (!found) throw new CommandError('NamespaceNotFound', `ns does not exist: ${db}.${name}`)
  return found
}

/** Refuses to write to a collection of a kind that transactions do not change. */
export function refuseInTransaction(collection: Collection | undefined, transaction: unknown): void {
  if (!transaction || !collection) return
  const { options, namespace } = collection
  if (options.get('capped') === true)
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Collection '${namespace}' is a capped collection. Writes in transactions are not allowed on capped collections.`,
    )
  if (options.has('timeseries'))
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Cannot write to the time-series collection '${namespace}' in a multi-document transaction.`,
    )
}

export function onView(namespace: string): CommandError {
  return new CommandError('CommandNotSupportedOnView', `Namespace ${namespace} is a view, not a collection`)
}
