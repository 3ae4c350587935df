// Samples of collections: so many documents of each, with its options and its indexes.
import type { Collection, Db, Document } from 'mongodb'
import type { StoredIndex } from '../models/index-plan.ts'
import { exactly, Summary } from './inference-summary.ts'

/** What a collection is. */
export type CollectionKind = 'collection' | 'view' | 'time series'

/** What was seen of a collection. */
export interface Sample {
  readonly collection: string
  readonly kind: CollectionKind
  readonly options: Document
  /** All documents of it, as the server counts them. */
  readonly total: number
  /** The documents that were read. */
  readonly read: number
  readonly isWhole: boolean
  readonly summary: Summary
  readonly indexes: readonly StoredIndex[]
}

/** A collection that no model is made for, and why. */
export interface LeftOut {
  readonly collection: string
  readonly reason: string
}

/** How much is read. */
export interface SampleOptions {
  /** Documents of each collection, at most. */
  readonly size: number
  /** Collections to look at; all unless said. */
  readonly only?: readonly string[] | undefined
}

/** Documents may be large: what lies beyond so many bytes of a collection is not read. */
const mostBytes = 64 * 1024 * 1024

/** Looks at the collections of a database; what cannot be read is left out with its reason. */
export async function sampleCollections(
  db: Db,
  options: SampleOptions,
): Promise<{ readonly samples: readonly Sample[]; readonly leftOut: readonly LeftOut[] }> {
  const listed = await db.listCollections({}, { nameOnly: false }).toArray()
  const wanted = listed
    .filter(({ name }) => !options.only || options.only.includes(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const samples: Sample[] = []
  const missing = (options.only ?? []).filter(name => !listed.some(there => there.name === name))
  const leftOut: LeftOut[] = missing.map(collection => ({ collection, reason: 'not in this database' }))
  for (const { name, type, options: settings } of wanted) {
    const reason = reasonAgainst(name)
    if (reason !== undefined) {
      if (reason !== '') leftOut.push({ collection: name, reason })
      continue
    }
    try {
      samples.push(await sampleOf(db.collection(name), { kind: kindOf(type), settings: settings ?? {}, ...options }))
    } catch (error) {
      leftOut.push({ collection: name, reason: `cannot be read: ${(error as Error).message}` })
    }
  }
  return { samples, leftOut }
}

// What goose and the server keep for themselves is not even worth a word.
function reasonAgainst(name: string): string | undefined {
  if (/^(system\.|_goose_)|^_audit_log$/.test(name)) return ''
  if (/\.(files|chunks)$/.test(name)) return 'looks like files of GridFS, which the driver reads by GridFSBucket'
  return undefined
}

function kindOf(type: string | undefined): CollectionKind {
  if (type === 'view') return 'view'
  return type === 'timeseries' ? 'time series' : 'collection'
}

interface Wanted {
  readonly kind: CollectionKind
  readonly settings: Document
  readonly size: number
}

async function sampleOf(collection: Collection<Document>, { kind, settings, size }: Wanted): Promise<Sample> {
  const total = await collection.estimatedDocumentCount()
  const pipeline = total > size ? [{ $sample: { size } }] : [...inOrder(kind), { $limit: size }]
  const summary = new Summary()
  let bytes = 0
  const cursor = collection.aggregate<Uint8Array>(pipeline, { raw: true })
  for await (const document of cursor) {
    summary.add(exactly(document))
    bytes += document.byteLength
    if (bytes > mostBytes) break
  }
  const read = summary.count
  const whole = { total: Math.max(total, read), read, isWhole: read >= total }
  const { collectionName } = collection
  return {
    collection: collectionName,
    kind,
    options: settings,
    ...whole,
    summary,
    indexes: await indexesOf(collection, kind),
  }
}

/** Has documents come as they were made, by the index of ids, so that fields are told in the same order each time. */
function inOrder(kind: CollectionKind): readonly Document[] {
  return kind === 'collection' ? [{ $sort: { _id: 1 } }] : []
}

async function indexesOf(collection: Collection<Document>, kind: CollectionKind): Promise<readonly StoredIndex[]> {
  if (kind === 'view') return []
  return (await collection.listIndexes().toArray()) as unknown as StoredIndex[]
}
