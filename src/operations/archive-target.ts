// What an archive can do with documents: hold copies, show what it holds, and give copies back.
import type { Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { connectionOf } from '../runtime/connection.ts'
import { collectionOf, run } from '../runtime/execute.ts'
import { type Digests, digestsNamed, keysThere, type Named } from './archive-bytes.ts'
import { type CopyBatch, copierOf } from './archive-copy.ts'
import type { Place } from './archive-place.ts'

/** An archive that a run writes. */
export interface ArchiveTarget {
  /** Tells which of the documents are there already. */
  present(batch: Named): Promise<ReadonlySet<string>>
  copy(batch: CopyBatch): Promise<void>
  /** Reads back what is there: the digests of the copies. */
  digests(batch: CopyBatch): Promise<Digests>
  /** Takes copies of a batch out again. */
  retract(number: number, ids: readonly unknown[]): Promise<void>
  /** Writes what makes the archive whole, and lets go of it. */
  close(isComplete: boolean): Promise<void>
}

type CollectionPlace = Extract<Place, { readonly kind: 'collection' }>

/** Makes the target of a collection; on the same server, documents are copied without leaving it. */
export async function collectionTarget(
  source: ModelDefinition,
  place: CollectionPlace,
  marks: readonly string[] | undefined,
): Promise<ArchiveTarget> {
  const { definition } = place
  await refuseSame(source, place)
  return {
    present: ({ ids, keys }) => keysThere(definition, { ids, keys }),
    copy: copierOf(source, definition),
    digests: ({ ids, keys }) => digestsNamed(definition, { ids, keys }, marks),
    retract: (_, ids) => removeIds(definition, ids),
    close: async () => {},
  }
}

/** Removes documents by their ids. */
async function removeIds(definition: ModelDefinition, ids: readonly unknown[]): Promise<void> {
  if (ids.length === 0) return
  const filter = { _id: { $in: ids } }
  await run(definition, { operation: 'delete', filter }, (collection, session) =>
    collection.deleteMany(filter as Document, { ...session, ...majority(session) }),
  )
}

/** Gives the write concern of a write; a transaction has its own. */
function majority(session: object): object {
  return 'session' in session ? {} : { writeConcern: { w: 'majority' } }
}

async function refuseSame(source: ModelDefinition, { definition, text }: CollectionPlace): Promise<void> {
  const [from, to] = [await collectionOf(source), await collectionOf(definition)]
  const [here, there] = [await hostsOf(source.connection), await hostsOf(definition.connection)]
  if (from.namespace !== to.namespace || here !== there) return
  const reason = 'it is the collection the documents are in'
  throw new GooseError('ARCHIVE_REFUSED', { place: text, reason, hint: 'name another collection' })
}

async function hostsOf(alias: string): Promise<string> {
  const { client } = await connectionOf(alias)
  return client.options.hosts.map(String).sort().join()
}
