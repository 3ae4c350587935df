// Brings documents back from an archive: inserted as they are, read back, then taken out of the archive.
import { BSON, type Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { modelNamed } from '../models/registry.ts'
import { settingsOf } from '../models/settings.ts'
import { recordedLater } from '../runtime/audit.ts'
import { storedFrom } from '../runtime/codec.ts'
import { auditContext } from '../runtime/context.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { type Digests, digestOf, digestsOf, eachStored, exactly, keyOf } from './archive-bytes.ts'
import { refuseClashes } from './archive-clashes.ts'
import { deleteSilently, type Entry, together } from './archive-delete.ts'
import { exactDocument } from './archive-exact.ts'
import { insertExactly, insertPart } from './archive-insert.ts'
import { placeOf } from './archive-place.ts'
import { noteRestored, recordsOf } from './archive-records.ts'
import { type ArchiveSource, noteReturned, type Returning, sourceOf } from './archive-source.ts'
import { startRun } from './run.ts'
import type { RunRequest } from './run-document.ts'
import type { RunControls, RunEnding, Step } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** What is to come back. */
export interface RestoreRequest {
  readonly definition: ModelDefinition
  /** All that this run has archived. */
  readonly run?: string | undefined
  /** The place, where no run is named; the collection beside otherwise. */
  readonly from?: string | undefined
  /** Only what this filter finds in the archive. */
  readonly filter?: Document | undefined
}

interface RestoreParameters {
  readonly from: string
  readonly run?: string
}

/** Restores documents, to the end or to where it is stopped. Throws `ARCHIVE_CLASHES` before anything is written. */
export async function restoreArchive(
  request: RestoreRequest,
  asked: Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'> = {},
  controls: RunControls = {},
): Promise<RunEnding> {
  const { definition, filter = {} } = request
  const from = await placeIn(request)
  const { run } = request
  const source = () => sourceOf({ definition, place: placeOf(definition, from, new Date()), run, filter })
  const total = await refuseClashes(definition, source())
  const stored: RunRequest = {
    kind: 'archive restore',
    model: definition.name,
    connection: definition.connection,
    summary: `restore ${definition.name} from ${run ? `${run} in ` : ''}${from}`,
    filter,
    parameters: { from, ...(run ? { run } : {}) },
    total,
    // One that archives and one that restores the same model would carry documents in a circle.
    lock: `archive:${definition.name}`,
    ...defined(asked),
  }
  return work(await startRun(stored, controls), definition, source())
}

/** Goes on with a run that was stopped, or died. */
export async function resumeRestore(run: Run): Promise<RunEnding> {
  const { definition } = modelNamed(run.model ?? '').model as RuntimeModel
  const { from, run: archived } = run.parameters<RestoreParameters>()
  const place = placeOf(definition, from, new Date())
  return work(run, definition, sourceOf({ definition, place, run: archived, filter: run.filter }))
}

async function placeIn({ definition, run, from }: RestoreRequest): Promise<string> {
  if (run === undefined) return placeOf(definition, from, new Date()).text
  for await (const record of recordsOf(definition, { run, kind: 'archive' })) return record.to
  throw new GooseError('RUN_NOT_FOUND', { run, hint: 'it has archived nothing; see `goose archive list`' })
}

async function work(run: Run, definition: ModelDefinition, source: ArchiveSource): Promise<RunEnding> {
  try {
    return await run.walk(checkpoint => restoreBatch({ run, definition, source }, checkpoint))
  } finally {
    await source.close()
  }
}

interface RestoreJob {
  readonly run: Run
  readonly definition: ModelDefinition
  readonly source: ArchiveSource
}

async function restoreBatch(job: RestoreJob, checkpoint: unknown): Promise<Step> {
  const { run, definition, source } = job
  const found = await run.time('find', () => source.next(checkpoint, run.limits.batch))
  if (!found) return { checkpoint, done: true }
  const wanted: Digests = new Map([...found.documents].map(([key, bytes]) => [key, digestOf(bytes)]))
  const entries = [...found.documents].map(([key, bytes]) => ({ key, id: idOf(bytes) }))
  const ids = entries.map(({ id }) => id)
  await run.time('copy', () => insertMissing(definition, found, ids))
  const living = await run.time('verify', () => digestsOf(definition, { _id: { $in: ids } }))
  const back = entries.filter(({ key }) => living.get(key) === wanted.get(key))
  const kept = entries.filter(({ key }) => living.get(key) !== wanted.get(key))
  const counted = { matched: entries.length, restored: back.length, ...(kept.length > 0 ? { kept: kept.length } : {}) }
  const noted = kept.map(({ id: _id }) => ({ _id, why: 'another document has its _id or a unique value of it' }))
  const step = { checkpoint: found.next, counted, ...(noted.length > 0 ? { noted } : {}), isKept: true }
  return run.time('delete', () => takeOut(job, { back, wanted }, step))
}

function idOf(bytes: Uint8Array): unknown {
  return BSON.deserialize(bytes, exactly)._id
}

async function insertMissing(definition: ModelDefinition, { documents }: Returning, ids: readonly unknown[]) {
  const living = await digestsOf(definition, { _id: { $in: ids } })
  const missing = [...documents].filter(([key]) => !living.has(key)).map(([, bytes]) => bytes)
  if (missing.length === 0) return
  if (!settingsOf(definition).audit) {
    await insertExactly(definition, async each => missing.forEach(each))
    return
  }
  try {
    await insertAudited(definition, missing)
  } catch (error) {
    if (!isDuplicate(error)) throw error
    // One by one, only those that clash stay in the archive.
    for (const bytes of missing) await insertAudited(definition, [bytes]).catch(passDuplicates)
  }
}

async function insertAudited(definition: ModelDefinition, bytes: readonly Uint8Array[]): Promise<void> {
  const stored = bytes.map(storedFrom)
  const recordings = stored.map(after => ({
    operation: 'restore' as const,
    documentId: after._id,
    before: {},
    after,
  }))
  const documents = bytes.map(exactDocument).filter(document => document !== undefined)
  const write = async () => ({ result: await insertPart(definition, documents), recordings })
  await auditContext.run({ via: 'archive' }, () => recordedLater(definition, write, { recordings }))
}

function passDuplicates(error: unknown): void {
  if (!isDuplicate(error)) throw error
}

function isDuplicate(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 11000
}

async function takeOut(
  { run, definition, source }: RestoreJob,
  { back, wanted }: { readonly back: readonly Entry[]; readonly wanted: Digests },
  step: Step,
): Promise<Step> {
  const { place } = source
  const note = async () => {
    await noteRestored(definition, place.text, back)
    await run.keep(step)
    return step
  }
  if (place.kind === 'file') {
    noteReturned(place.path, Number((step.checkpoint as Document).piece) - 1, idsOf(back))
    return note()
  }
  const archive = place.definition
  const removeThen = async () => {
    await remove(archive, back, wanted)
    return note()
  }
  // With the archive elsewhere, the note lies in another database than what it is about.
  return archive.connection === definition.connection ? together(archive, removeThen) : removeThen()
}

// A copy that was changed meanwhile stays: it is not what went back.
async function remove(archive: ModelDefinition, back: readonly Entry[], wanted: Digests): Promise<void> {
  const bytes: Uint8Array[] = []
  await eachStored(archive, { _id: { $in: idsOf(back) } }, found => void bytes.push(found))
  const same = bytes.filter(found => digestOf(found) === wanted.get(keyOf(found)))
  const there = new Set(same.map(keyOf))
  const ids = idsOf(back.filter(({ key }) => there.has(key)))
  await deleteSilently(archive, {}, { ids, bytes: same })
}

function idsOf(entries: readonly Entry[]): readonly unknown[] {
  return entries.map(({ id }) => id)
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}
