// Writes imported documents and records each change of them in the audit.
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { recordBatch } from '../runtime/audit-batch.ts'
import type { Stored } from '../runtime/codec.ts'
import type { Prepared } from './import-document.ts'
import type { ImportParameters } from './import-parameters.ts'
import { storedBy } from './import-stored.ts'
import { filterFor, type Written } from './import-write.ts'

/** Documents to be written together. */
export interface Recorded {
  readonly definition: ModelDefinition
  readonly parameters: ImportParameters
  readonly documents: readonly Prepared[]
  /** The place of the first document in the file: what is recorded again has the same. */
  readonly at: number
}

/** Writes documents; where the model is audited, with an entry for each that has changed. */
export async function recordedWrite(
  { definition, parameters, documents, at }: Recorded,
  write: (documents: readonly Prepared[]) => Promise<Written>,
): Promise<Written> {
  if (settingsOf(definition).audit === undefined || documents.length === 0) return write(documents)
  const key = parameters.mode === 'insert' ? ['_id'] : parameters.key
  const filters = documents.map(one => filterFor(key, one.document!))
  const before = parameters.mode === 'insert' ? new Map<string, Stored>() : await storedBy(definition, filters)
  const written = await write(documents)
  const after = await storedBy(definition, filters.filter(isWritten(written, parameters)))
  const recordings = [...new Set([...before.keys(), ...after.keys()])].map(id => {
    const [was, is] = [before.get(id), after.get(id)]
    const operation = was ? (is ? ('update' as const) : ('delete' as const)) : ('insert' as const)
    return { operation, documentId: (was ?? is)!._id, before: was ?? {}, after: is ?? {} }
  })
  for (const [i, operation] of (['insert', 'update', 'delete'] as const).entries()) {
    const some = recordings.filter(recording => recording.operation === operation)
    if (some.length > 0) await recordBatch(definition, { operation, number: at * 3 + i, recordings: some })
  }
  return written
}

// The document that a refused one has met is not its own.
function isWritten({ refusals }: Written, { onError }: ImportParameters) {
  const refused = new Set(refusals.map(({ index }) => index))
  const end = onError === 'stop' ? Math.min(...refused, Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  return (_: unknown, index: number) => index < end && !refused.has(index)
}
