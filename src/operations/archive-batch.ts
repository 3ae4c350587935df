// One batch of an archive: copied, read back, deleted where it is unchanged, and noted; any step can be repeated.
import { Binary, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { auditContext, currentTransaction } from '../runtime/context.ts'
import { unheard } from './ahead.ts'
import { type Digests, digestOf, digestsNamed, eachNamed, idsThere, showing } from './archive-bytes.ts'
import type { CopyBatch } from './archive-copy.ts'
import { deleteUnchanged, type Entry, type Sources, together } from './archive-delete.ts'
import { changeRecord, type Kept, noteIntent, packedDigests, type RecordHead } from './archive-records.ts'
import { type Checkpoint, dropStale, settleEarlier } from './archive-settling.ts'
import type { ArchiveTarget } from './archive-target.ts'
import type { Found, Walk } from './archive-walk.ts'
import type { Step } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** An archive at work. */
export interface ArchiveJob {
  readonly run: Run
  readonly definition: ModelDefinition
  /** The filter the run was started with. */
  readonly filter: Document
  readonly head: RecordHead
  readonly target: ArchiveTarget
  readonly walk: Walk
  /** The fields that are compared, where not every byte is. */
  readonly marks: readonly string[] | undefined
  readonly keepsDocuments: boolean
}

/** Archives the next documents behind a checkpoint. */
export async function archiveBatch(job: ArchiveJob, checkpoint: unknown): Promise<Step> {
  const { run, walk } = job
  const at = (checkpoint ?? { number: 0, key: null }) as Checkpoint
  try {
    const left = clean.has(job) ? undefined : await settleEarlier(job, at)
    if (left) return left
    const found = await run.time('find', () => foundBehind(job, at))
    const last = found.at(-1)?.place
    if (!last) return { checkpoint, done: true }
    // Servers look for many ids faster in their order.
    const named = [...found].sort((one, other) => (one.key < other.key ? -1 : 1))
    const [ids, keys] = [named.map(({ id }) => id), named.map(({ key }) => key)]
    const batch = { number: at.number + 1, ids, keys, filter: job.filter }
    const there = await run.time('copy', () => copied(job, batch, last))
    const copies = readBack(job, batch)
    ahead.set(job, { behind: last, found: unheard(walk.next(last, countOf(job))) })
    const next = { number: batch.number, key: new Binary(last) }
    const result = await run.time('delete', () =>
      auditContext.run({ via: 'archive' }, () =>
        together(job.definition, () => release(job, { batch, there, copies, next })),
      ),
    )
    await dropStale(job, run.id, { number: batch.number, stale: result.stale })
    clean.add(job)
    return result.step
  } catch (error) {
    clean.delete(job)
    ahead.delete(job)
    await walk.close()
    throw error
  }
}

// While a batch is compared and deleted, what follows it is found already.
const ahead = new WeakMap<ArchiveJob, { readonly behind: Uint8Array; readonly found: Promise<readonly Found[]> }>()

// Jobs whose last batch is known to be settled.
const clean = new WeakSet<ArchiveJob>()

function foundBehind(job: ArchiveJob, { key }: Checkpoint): Promise<readonly Found[]> {
  const next = ahead.get(job)
  ahead.delete(job)
  if (!key) return job.walk.next(undefined, countOf(job))
  const behind = new Uint8Array(key.buffer)
  return next && Buffer.compare(next.behind, behind) === 0 ? next.found : job.walk.next(behind, countOf(job))
}

// Copies are read while the documents themselves are: neither waits for the other.
function readBack({ run, target }: ArchiveJob, batch: CopyBatch): Promise<Digests> {
  return unheard(run.time('verify', () => target.digests(batch)))
}

async function copied(job: ArchiveJob, batch: CopyBatch, last: Uint8Array): Promise<ReadonlySet<string>> {
  const { definition, head, target } = job
  const present = await target.present(batch)
  const there = batch.ids.filter((_, i) => present.has(batch.keys[i]!))
  await noteIntent(definition, head, { number: batch.number, ids: batch.ids, there, last })
  await target.copy(batch)
  return present
}

interface Release {
  readonly batch: CopyBatch
  /** Keys of those that were in the archive before. */
  readonly there: ReadonlySet<string>
  readonly copies: Promise<Digests>
  readonly next: Checkpoint
}

interface Released {
  readonly step: Step
  readonly stale: readonly unknown[]
}

/** Deletes what is still what was copied, and notes it with the checkpoint: all in one transaction, where there are some. */
async function release(job: ArchiveJob, { batch, there, next, ...read }: Release): Promise<Released> {
  const { run, definition, keepsDocuments } = job
  const sources = await sourcesOf(job, batch)
  const copies = await read.copies
  const entries = batch.ids.map((id, i) => ({ id, key: batch.keys[i]! }))
  const same = entries.filter(({ key }) => sources.digests.has(key) && sources.digests.get(key) === copies.get(key))
  // The range names all that was found: it is for a batch of which nothing stays.
  const range = same.length === sources.digests.size ? sources.range : undefined
  const remaining = keepsDocuments
    ? new Set<string>()
    : await deleteUnchanged(definition, job.filter, same, { ...sources, range })
  const missing = entries.filter(({ key }) => !sources.digests.has(key))
  const living = missing.length > 0 ? await idsThere(definition, idsOf(missing)) : new Set<string>()
  const findings = { sources: sources.digests, copies, living, there, remaining }
  const reasons = new Map(entries.map(({ key }) => [key, reasonFor(key, findings)]))
  const stays = entries.filter(({ key }) => reasons.get(key))
  const moved = entries.filter(({ key }) => !reasons.get(key) && copies.has(key))
  const stale = idsOf(stays.filter(({ key }) => copies.has(key) && !there.has(key)))
  const kept: Kept[] = stays.map(({ id, key }) => ({ _id: id, why: reasons.get(key)! }))
  const digests = job.marks ? {} : { digests: packedDigests(moved, copies) }
  // The ids stand there already: thousands of them are not written again without need.
  const ids = moved.length === entries.length ? {} : { ids: idsOf(moved) }
  const change = { state: 'done' as const, ...ids, kept, stale, ...digests }
  await changeRecord(definition, { run: run.id, number: batch.number }, change)
  const gone = missing.filter(({ key }) => !living.has(key)).length
  const counted = {
    matched: entries.length,
    copied: moved.filter(({ key }) => !there.has(key)).length,
    ...(job.marks ? {} : { verified: moved.length - gone }),
    ...(keepsDocuments ? {} : { deleted: same.length - remaining.size }),
    ...(kept.length > 0 ? { kept: kept.length } : {}),
    ...(gone > 0 ? { gone } : {}),
  }
  const noted = kept.length > 0 ? { noted: kept } : {}
  const step: Step = { checkpoint: next, counted, ...noted, isKept: true }
  await run.keep(step)
  return { step, stale }
}

function idsOf(entries: readonly Entry[]): readonly unknown[] {
  return entries.map(({ id }) => id)
}

// Bytes are kept only where somebody needs them: the audit, and deletes that are guarded one by one.
async function sourcesOf(job: ArchiveJob, batch: CopyBatch): Promise<Sources> {
  const { definition, marks } = job
  const isNeeded = settingsOf(definition).audit !== undefined || !currentTransaction()
  const isWhole = isNeeded || !marks
  const bytes = new Map<string, Uint8Array>()
  const digests = new Map<string, string>()
  let size = 0
  const take = (key: string, found: Uint8Array) => {
    if (isNeeded) bytes.set(key, found)
    digests.set(key, marks && isWhole ? '' : digestOf(found))
    size += found.length
  }
  const { range } = await eachNamed(definition, batch, take, isWhole ? {} : showing(marks))
  sizes.set(job, isWhole ? size / Math.max(1, digests.size) : 1)
  const compared = marks && isWhole ? await digestsNamed(definition, batch, marks) : digests
  return { digests: compared, bytes: [...bytes.values()], range }
}

// How large the documents of the last batch were, on average.
const sizes = new WeakMap<ArchiveJob, number>()

const FIRST = 200
const MOST_BYTES = 12 * 1024 * 1024

// A batch is as large as it may be only once it is known that its documents are small.
function countOf(job: ArchiveJob): number {
  const { batch } = job.run.limits
  const size = sizes.get(job)
  return Math.max(1, Math.min(batch, size === undefined ? FIRST : Math.floor(MOST_BYTES / size)))
}

interface Findings {
  readonly sources: Digests
  readonly copies: Digests
  /** Keys of those that are no longer found by the filter, and yet are there. */
  readonly living: ReadonlySet<string>
  readonly there: ReadonlySet<string>
  /** Keys of those that were the same and could not be deleted. */
  readonly remaining: ReadonlySet<string>
}

/** Says why a document stays where it is; undefined when it does not. */
function reasonFor(key: string, { sources, copies, living, there, remaining }: Findings): string | undefined {
  if (living.has(key)) return 'it no longer matches'
  if (remaining.has(key)) return 'it was changed after it was copied'
  if (!sources.has(key) || sources.get(key) === copies.get(key)) return undefined
  if (!copies.has(key)) return 'the archive did not take it: a unique index there, or bytes it cannot hold'
  return there.has(key) ? 'another document with this _id is in the archive' : 'it was changed after it was copied'
}
