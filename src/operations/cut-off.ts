// Batches that a crash has cut off: on a server without transactions one may be half done, until its run goes on.
import { GooseError } from '../errors.ts'
import { lastImages } from './bulk-images.ts'
import type { StoredRun } from './run-document.ts'

/** Refuses to give a run up in the middle of a batch. Throws `RUN_REFUSED`. */
export async function refuseCutOff(alias: string, stored: StoredRun): Promise<void> {
  const { _id: run, kind, checkpoint } = stored
  const last = await lastImages(alias, run)
  const { seq } = (checkpoint as { readonly seq?: number } | null) ?? {}
  const done = kind === 'undo' ? (seq ?? 0) : (seq ?? 1) - 1
  // Parts of a batch, which have fractions, are whole by themselves.
  if (last === undefined || Math.floor(last) <= done) return
  const hint = `let it complete the batch first: goose jobs resume ${run}`
  throw new GooseError('RUN_REFUSED', { run, reason: 'a batch of it was cut off in the middle', hint })
}
