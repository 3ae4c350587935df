// Archives documents: copied in batches, read back, and deleted only where they are still what was copied.
import type { Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { modelNamed } from '../models/registry.ts'
import { settingsOf } from '../models/settings.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { type ArchiveJob, archiveBatch } from './archive-batch.ts'
import { keyOfId } from './archive-bytes.ts'
import { fileTarget } from './archive-file.ts'
import { type Place, placeOf } from './archive-place.ts'
import { type RecordHead, recordOf } from './archive-records.ts'
import { settleDead } from './archive-settling.ts'
import { type ArchiveTarget, collectionTarget } from './archive-target.ts'
import { isSameValue, type WalkOrder, walkOf } from './archive-walk.ts'
import { type Selection, selectionOf } from './retention.ts'
import { startRun } from './run.ts'
import type { RunRequest } from './run-document.ts'
import type { RunControls, RunEnding } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** What is to be archived, and how. */
export interface ArchiveRequest extends Selection {
  readonly definition: ModelDefinition
  /** `coll:NAME`, `db:NAME`, `conn:NAME` or `file:PATH`; beside the collection otherwise. */
  readonly to?: string | undefined
  /** Compares every byte of the copies, or only ids and the marks of timestamps and version. */
  readonly verify?: 'bytes' | 'count' | undefined
  /** Whether the documents stay where they are as well. */
  readonly keepsDocuments?: boolean | undefined
}

const BATCH = 2000

/** What a stored run of an archive needs to go on. */
interface ArchiveParameters {
  readonly to: string
  readonly order: WalkOrder
  readonly verify: 'bytes' | 'count'
  readonly keepsDocuments: boolean
}

/** Archives what a request asks for, to the end or to where it is stopped. */
export async function archive(
  request: ArchiveRequest,
  asked: Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'> = {},
  controls: RunControls = {},
): Promise<RunEnding> {
  const { definition } = request
  const place = placeOf(definition, request.to, new Date())
  const selection = await selectionOf(request, asked.limits?.maxDocs, 'archive')
  const parameters: ArchiveParameters = {
    to: place.text,
    order: selection.order,
    verify: verification(definition, request.verify),
    keepsDocuments: request.keepsDocuments ?? false,
  }
  const stored = {
    kind: 'archive',
    model: definition.name,
    connection: definition.connection,
    summary: `archive ${definition.name}${selection.text} to ${place.text}`,
    filter: selection.filter,
    parameters,
    total: selection.total,
    ...asked,
    limits: { ...asked.limits, batch: asked.limits?.batch ?? BATCH },
  }
  return work(await startRun(stored as RunRequest, controls), { definition, place, isNew: true })
}

/** Goes on with a run that was stopped, or died. */
export async function resumeArchive(run: Run): Promise<RunEnding> {
  const { definition } = modelNamed(run.model ?? '').model as RuntimeModel
  const place = placeOf(definition, run.parameters<ArchiveParameters>().to, new Date())
  return work(run, { definition, place, isNew: false })
}

interface Opening {
  readonly definition: ModelDefinition
  readonly place: Place
  readonly isNew: boolean
}

async function work(run: Run, { definition, place, isNew }: Opening): Promise<RunEnding> {
  const { order, verify, keepsDocuments, to } = run.parameters<ArchiveParameters>()
  const head: RecordHead = {
    run: run.id,
    op: run.operation,
    kind: 'archive',
    model: definition.name,
    collection: definition.collection,
    to,
  }
  // A file is read back as a whole in any case.
  const marks = verify === 'count' && place.kind === 'collection' ? marksOf(definition) : undefined
  const target = await opened(run, () => targetOf({ definition, place, head, marks, isNew }))
  const seen = (value: unknown) => seenIds({ definition, run: run.id, order, value }, run.checkpoint)
  const walk = walkOf({ definition, filter: run.filter, order, seen })
  const job: ArchiveJob = { run, definition, filter: run.filter, head, target, walk, marks, keepsDocuments }
  try {
    if (isNew && place.kind === 'collection') await opened(run, () => settleDead(job, to))
    const ending = await run.walk(checkpoint => archiveBatch(job, checkpoint))
    await target.close(ending.isComplete)
    return ending
  } finally {
    await walk.close()
  }
}

async function opened<T>(run: Run, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    await run.fail(error)
    throw error
  }
}

interface Wanted {
  readonly definition: ModelDefinition
  readonly place: Place
  readonly head: RecordHead
  readonly marks: readonly string[] | undefined
  readonly isNew: boolean
}

async function targetOf({ definition, place, head, marks, isNew }: Wanted): Promise<ArchiveTarget> {
  if (place.kind === 'file') return fileTarget(definition, place, { head, isNew })
  return collectionTarget(definition, place, marks)
}

function verification(definition: ModelDefinition, verify: 'bytes' | 'count' = 'bytes'): 'bytes' | 'count' {
  if (verify === 'bytes' || marksOf(definition).length > 0) return verify
  throw new GooseError('NOT_SUPPORTED', {
    what: '--verify count',
    reason: `nothing in ${definition.name} would show a change between copy and delete`,
    hint: 'compare bytes, or give the model timestamps() or version()',
  })
}

function marksOf(definition: ModelDefinition): readonly string[] {
  const { version, updatedAt } = settingsOf(definition)
  return [version, updatedAt].filter(name => name !== undefined)
}

interface Seen {
  readonly definition: ModelDefinition
  readonly run: string
  readonly order: WalkOrder
  readonly value: unknown
}

// Documents of one value of the path may lie in several batches: those of the last ones are known.
async function seenIds({ definition, run, order, value }: Seen, checkpoint: unknown): Promise<ReadonlySet<string>> {
  const seen = new Set<string>()
  for (let number = Number((checkpoint as Document | null)?.number ?? 0); number > 0; number--) {
    const record = await recordOf(definition, run, number)
    for (const id of record?.ids ?? []) seen.add(keyOfId(id))
    for (const { _id } of record?.kept ?? []) seen.add(keyOfId(_id))
    if (record?.last && !isSameValue(order.path, record.last, value)) break
  }
  return seen
}
