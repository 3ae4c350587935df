// Writes values back in a transaction: one update for all documents that take the same, and what they are then.
import type { AnyBulkWriteOperation, Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { run as send } from '../runtime/execute.ts'
import { batchFilter, idOf, readBatch } from './bulk-batch.ts'
import { constantsOf } from './bulk-change.ts'
import type { Images } from './bulk-images.ts'
import { changedMeanwhile } from './bulk-parts.ts'
import { idKey } from './raw-fields.ts'
import type { Run } from './run-work.ts'
import type { Group } from './undo-decisions.ts'

/** What is written back. */
export interface Restored {
  readonly groups: readonly Group[]
  /** The documents of all groups, in the order of `_id`. */
  readonly members: readonly Uint8Array[]
  /** Whether nothing else lies between the first of the documents and the last. */
  readonly isAlone: boolean
}

interface Undo {
  readonly run: Run
  readonly definition: ModelDefinition
}

/** Writes the groups, and gives what the images say of the documents afterwards. */
export async function writeGroups(
  { run, definition }: Undo,
  { groups, members, isAlone }: Restored,
  touched: Images['touched'],
): Promise<Pick<Images, 'after' | 'set' | 'unset'>> {
  const [first, another] = groups
  const operations = groups.map(group => writeOf(group, isAlone && !another))
  const result = await run.time('write', () =>
    send(definition, { operation: 'bulkWrite', filter: {} }, (collection, session) =>
      collection.bulkWrite(operations, { ordered: false, ...session }),
    ),
  )
  if (result.matchedCount !== members.length) throw changedMeanwhile()
  const constants = another ? undefined : constantsOf(first!.update)
  if (constants) return { after: [], ...constants }
  const ids = new Set(members.map(idKey))
  const later = await run.time('read back', () => readBatch(definition, batchFilter(members), touched))
  return { after: later.filter(bytes => ids.has(idKey(bytes))) }
}

function writeOf({ update, members }: Group, isAlone: boolean): AnyBulkWriteOperation {
  if (members.length === 1) return { updateOne: { filter: { _id: idOf(members[0]!) } as Document, update } }
  const filter: Document = isAlone ? batchFilter(members) : { _id: { $in: members.map(idOf) } }
  return { updateMany: { filter, update } }
}
