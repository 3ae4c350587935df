// Reads a file a batch ahead: the next documents are made ready while the last ones are on their way.

import { unheard } from './ahead.ts'
import type { Entry, Position } from './formats/entry.ts'
import { type Preparation, type Prepared, prepared } from './import-document.ts'
import type { EntryBatches, ImportSource } from './import-source.ts'

/** A file that is read once, from where it is asked for. */
export interface Reading {
  /** Gives what follows a position; none at the end. What was given and not yet passed is given again. */
  next(from: Position): Promise<readonly Prepared[]>
  /** The first line of CSV, once something is read. */
  head(): Buffer | undefined
  close(): Promise<void>
}

interface Batch {
  /** The place of its first document in the file. */
  readonly at: number
  readonly documents: readonly Prepared[]
}

/** Opens a file for reading in batches; nothing is read before the first one is asked for. */
export function readingOf(
  source: ImportSource,
  preparation: Preparation,
  { count }: { readonly count: number },
): Reading {
  let batches: EntryBatches | undefined
  let current: Batch = { at: 0, documents: [] }
  let ahead: Promise<Batch> | undefined
  const read = async (at: number) => ready(preparation, await batches!.take(count), at)
  const close = async () => {
    await ahead?.catch(() => undefined)
    await batches?.close().catch(() => undefined)
    batches = undefined
  }
  const next = async (from: Position) => {
    const passed = from.entries - current.at
    // Also stdin, which cannot be read twice, is there again when a batch is tried again.
    if (batches && passed >= 0 && passed < current.documents.length) return current.documents.slice(passed)
    if (!batches || passed !== current.documents.length) {
      await close()
      batches = source.from(from)
      ahead = read(from.entries)
    }
    current = await ahead!
    ahead = unheard(read(current.at + current.documents.length))
    return current.documents
  }
  return { next, head: () => batches?.head(), close }
}

async function ready(preparation: Preparation, entries: readonly Entry[], at: number): Promise<Batch> {
  const documents: Prepared[] = []
  for (const [i, entry] of entries.entries()) documents.push(await prepared(preparation, entry, at + i))
  return { at, documents }
}
