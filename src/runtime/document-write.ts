// Writes one document; where its model is audited, the entry tells what it was at that very moment.
import type { Document } from 'mongodb'
import { settingsOf } from '../models/settings.ts'
import { recordedLater } from './audit.ts'
import type { Recording } from './audit-entry.ts'
import { type Stored, storedFrom } from './codec.ts'
import { DocumentBase, modelOf, snapshotOf } from './document.ts'
import { readByIds } from './execute.ts'
import { deleteAndRead, deleteStored, updateAndRead, updateStored } from './write.ts'

/** What is written. */
export interface DocumentWrite {
  /** As what it is recorded. */
  readonly operation: Recording['operation']
  readonly filter: Document
  /** Operators; without any, the document is removed. */
  readonly update?: Document
  /** Gives what is stored then, of what was stored before. */
  becomes(before: Stored): Stored
  /** Gives the error to throw when the filter finds nothing. */
  missing(): Error
}

/** Writes a document. Throws what `missing` gives when it is not there. */
export async function writeDocument(document: DocumentBase, write: DocumentWrite): Promise<void> {
  const { definition } = modelOf(document)
  const { filter, update, operation, becomes, missing } = write
  if (!settingsOf(definition).audit) {
    const there = update ? updateStored(definition, filter, update) : deleteStored(definition, filter)
    if (await there) return
    throw missing()
  }
  const act = async () => {
    const bytes = update
      ? await updateAndRead(definition, filter, update, 'before')
      : await deleteAndRead(definition, filter)
    if (!bytes) throw missing()
    const before = storedFrom(bytes)
    return { result: undefined, recordings: [{ operation, documentId: filter._id, before, after: becomes(before) }] }
  }
  const before = await believed(document, filter._id)
  await recordedLater(definition, act, {
    recordings: [{ operation, documentId: filter._id, before, after: becomes(before) }],
  })
}

// What is said of a change before it is made, where there are no transactions: as the document was last seen as a whole.
async function believed(document: DocumentBase, id: unknown): Promise<Stored> {
  if (DocumentBase.stateOf(document).select.length === 0) return snapshotOf(document)
  const [bytes] = await readByIds(modelOf(document).definition, [id])
  return bytes ? storedFrom(bytes) : snapshotOf(document)
}
