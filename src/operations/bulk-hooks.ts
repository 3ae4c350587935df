// A batch of a bulk operation that takes each document through its model: hooks, validation, save or delete.
import { hydrate } from '../runtime/document.ts'
import { hardDelete, save } from '../runtime/lifecycle.ts'
import { remove } from '../runtime/soft-delete.ts'
import { batchFilter, readBatch } from './bulk-batch.ts'
import { keepImages } from './bulk-images.ts'
import { type BulkWork, imagesOf } from './bulk-parts.ts'
import { idKey } from './raw-fields.ts'

/** Changes the documents of a batch one by one, and keeps their images. Gives how many have changed. */
export async function hookedBatch(work: BulkWork, seq: number, mine: readonly Uint8Array[]): Promise<number> {
  const { run, definition } = work
  const count = await run.time('write', () => changeEach(work, mine))
  if (work.change.action === 'remove') {
    await keepImages(run.alias, run.id, { ...imagesOf(work, seq), before: mine, after: [] })
    return count
  }
  const ids = new Set(mine.map(idKey))
  const after = (await readBatch(definition, batchFilter(mine), null)).filter(bytes => ids.has(idKey(bytes)))
  await run.time('journal', () => keepImages(run.alias, run.id, { ...imagesOf(work, seq), before: mine, after }))
  return count
}

async function changeEach({ model, change }: BulkWork, mine: readonly Uint8Array[]): Promise<number> {
  const { $set = {}, $unset = {} } = (change.update ?? {}) as Record<string, Record<string, unknown>>
  let count = 0
  for (const bytes of mine) {
    const document = hydrate(model, bytes)
    if (change.action === 'update') {
      Object.assign(document, $set)
      for (const name of Object.keys($unset)) delete document[name]
      if (!document.isDirty()) continue
      await save(document)
    } else if (change.action === 'remove') await hardDelete(document)
    else await remove(document)
    count++
  }
  return count
}
