// What the book of archives says: its runs, and whether their copies are still what was copied.
import type { Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { digestsOf, keyOfId } from './archive-bytes.ts'
import { fileFaults } from './archive-file.ts'
import { placeOf } from './archive-place.ts'
import { type ArchiveRecord, bookOf, digestsIn, recordsOf } from './archive-records.ts'

/** One run of the book. */
export interface ArchivedRun {
  readonly run: string
  readonly op: string
  readonly at: Date
  readonly model: string
  readonly to: string
  /** Documents that are in the archive because of it. */
  readonly documents: number
  readonly kept: number
  readonly restored: number
}

/** A copy that is not what was copied. */
export interface ArchiveFault {
  readonly run: string
  readonly _id: unknown
  readonly fault: 'missing' | 'changed' | 'damaged'
}

/** What a look at an archive has found. */
export interface Verification {
  readonly documents: number
  /** Those of which only the ids could be compared. */
  readonly counted: number
  readonly faults: readonly ArchiveFault[]
}

/** Gives the runs that have archived documents of a model, or of all, the last one first. */
export async function archivedRuns(alias: string, collection?: string): Promise<readonly ArchivedRun[]> {
  const book = await bookOf({ connection: alias })
  const match = { kind: 'archive', state: 'done', ...(collection === undefined ? {} : { collection }) }
  const sum = (list: string) => ({ $sum: { $size: list } })
  const group = {
    _id: '$run',
    op: { $first: '$op' },
    at: { $min: '$at' },
    model: { $first: '$model' },
    to: { $first: '$to' },
    documents: sum('$ids'),
    kept: sum('$kept'),
    restored: { $sum: { $ifNull: ['$restored', 0] } },
  }
  const pipeline: Document[] = [{ $match: match }, { $group: group }, { $sort: { at: -1 } }]
  const runs = await book.aggregate(pipeline, { promoteValues: true }).toArray()
  return runs.map(({ _id, ...run }) => ({ run: _id, ...run }) as never)
}

/** Compares the copies of a run, or of all runs of a model, with what the book says of them. */
export async function verifyArchive(definition: ModelDefinition, run?: string): Promise<Verification> {
  const { collection } = definition
  const filter = { kind: 'archive', state: 'done', collection, ...(run === undefined ? {} : { run }) }
  const found = { documents: 0, counted: 0, faults: [] as ArchiveFault[] }
  const files = new Set<string>()
  for await (const record of recordsOf(definition, filter)) {
    found.documents += record.ids.length
    if (record.to.startsWith('file:')) files.add(record.to)
    else await verifyRecord(definition, record, found)
  }
  for (const file of files) found.faults.push(...fileFaults(file))
  return found
}

async function verifyRecord(
  definition: ModelDefinition,
  record: ArchiveRecord,
  found: { counted: number; readonly faults: ArchiveFault[] },
): Promise<void> {
  const place = placeOf(definition, record.to, record.at)
  if (place.kind === 'file') return
  const copies = await digestsOf(place.definition, { _id: { $in: record.ids } })
  const digests = digestsIn(record)
  for (const _id of record.ids) {
    const key = keyOfId(_id)
    if (!digests.has(key)) found.counted++
    if (!copies.has(key)) found.faults.push({ run: record.run, _id, fault: 'missing' })
    else if (digests.has(key) && digests.get(key) !== copies.get(key))
      found.faults.push({ run: record.run, _id, fault: 'changed' })
  }
}
