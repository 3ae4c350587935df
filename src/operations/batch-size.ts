// How many documents a batch has when nobody says it: fewer where they are large.
import type { ModelDefinition } from '../models/definition.ts'
import { run } from '../runtime/execute.ts'

const [FEWEST, MOST] = [100, 5000]
const SAMPLE = 20

// What a server changes in one transaction it holds in memory.
const BYTES = 32 * 1024 * 1024

/** Gives the number of documents for a batch of a collection, by the size of some of them. */
export async function batchFor(definition: ModelDefinition): Promise<number> {
  const some = await run(definition, { operation: 'find', filter: {} }, (collection, session) =>
    collection.find({}, { raw: true, limit: SAMPLE, ...session }).toArray(),
  )
  const bytes = (some as unknown as readonly Uint8Array[]).reduce((sum, document) => sum + document.length, 0)
  return Math.max(FEWEST, Math.min(MOST, Math.floor((BYTES * some.length) / Math.max(1, bytes))))
}
