// One batch of an import: made ready, written, audited, with what could not be written told by its line.
import { BSON, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { recordBatch } from '../runtime/audit-batch.ts'
import { type Stored, storedFrom } from '../runtime/codec.ts'
import { hasTransactions } from '../runtime/connection.ts'
import { run as send } from '../runtime/execute.ts'
import { transaction } from '../runtime/transaction.ts'
import type { Entry } from './formats/entry.ts'
import type { StoredMap } from './formats/stored-map.ts'
import { type Preparation, type Prepared, prepared } from './import-document.ts'
import type { ImportParameters } from './import-parameters.ts'
import type { Reject } from './import-rejects.ts'
import { filterFor, type Refusal, storedAlready, type Writing, type Written, writeBatch } from './import-write.ts'
import type { Run } from './run-work.ts'

/** A batch, and how it is imported. */
export interface ImportBatch {
  readonly parameters: ImportParameters
  readonly preparation: Preparation
  readonly definition: ModelDefinition
  readonly entries: readonly Entry[]
  readonly from: { readonly entries: number; readonly batches: number }
  /** Whether a part of it may be stored already. */
  readonly isRepeated: boolean
}

/** What a batch has come to. */
export interface BatchDone {
  readonly counted: Record<string, number>
  readonly rejects: readonly Reject[]
}

/** Imports a batch; a repeated one is not doubled. */
export async function importBatch(run: Run, batch: ImportBatch): Promise<BatchDone> {
  const { parameters, entries, definition } = batch
  const ready = await run.time('check', () => readyOf(batch))
  const stop = parameters.onError === 'stop' ? ready.findIndex(one => one.problem !== undefined) : -1
  const writable = (stop === -1 ? ready : ready.slice(0, stop)).filter(one => one.document)
  const isAudited = settingsOf(definition).audit !== undefined
  const written = await run.time('write', () =>
    isAudited ? writeAudited(batch, writable) : writeApart(batch, writable),
  )
  const rejects = [
    ...(stop === -1 ? ready : ready.slice(0, stop + 1)).filter(one => one.problem !== undefined).map(rejectOf),
    ...written.refused.map(({ index, problem }) => rejectOf({ ...writable[index]!, problem })),
  ].sort((one, other) => one.line - other.line)
  const failed = rejects.length > 0 ? { failed: rejects.length } : {}
  return { counted: { matched: entries.length, ...written.counts, ...failed }, rejects }
}

async function readyOf({ preparation, parameters, entries, from }: ImportBatch): Promise<readonly Prepared[]> {
  const ready: Prepared[] = []
  for (const [i, entry] of entries.entries()) {
    const one = await prepared(preparation, entry, from.entries + i)
    ready.push(one.document && parameters.mode !== 'insert' ? keyed(one, parameters.key) : one)
  }
  return ready
}

function keyed(one: Prepared, key: readonly string[]): Prepared {
  if (filterFor(key, one.document!)) return one
  return { entry: one.entry, problem: `it has no ${key.join(', ')}, which names the document that is meant` }
}

function rejectOf({ entry, problem = '' }: Prepared): Reject {
  return { line: entry.line, problem, source: entry.source }
}

interface Outcome {
  readonly counts: Record<string, number>
  readonly refused: readonly Refusal[]
}

function writingOf({ definition, parameters }: ImportBatch): Writing {
  const { mode, key, onError } = parameters
  return { definition, mode, key, isOrdered: onError === 'stop' }
}

/** Writes several parts of a batch side by side, where their order does not matter. */
async function writeApart(batch: ImportBatch, writable: readonly Prepared[]): Promise<Outcome> {
  const { parameters } = batch
  const parts = parameters.onError === 'stop' ? 1 : parameters.parallel
  const size = Math.ceil(writable.length / parts)
  const starts = Array.from({ length: parts }, (_, part) => part * size).filter(start => start < writable.length)
  const outcomes = await Promise.all(starts.map(start => writePart(batch, writable.slice(start, start + size), start)))
  return outcomes.reduce(sumOf, { counts: {}, refused: [] })
}

async function writePart(batch: ImportBatch, part: readonly Prepared[], start: number): Promise<Outcome> {
  const documents = part.map(one => one.document!)
  const { counts, refusals } = await settled(batch, documents, await writeBatch(writingOf(batch), documents))
  return { counts, refused: refusals.map(refusal => ({ ...refusal, index: refusal.index + start })) }
}

// Documents that an attempt before this one has written are no duplicates: they are what was to be.
async function settled(batch: ImportBatch, documents: readonly StoredMap[], written: Written): Promise<Written> {
  const doubtful = written.refusals.filter(refusal => refusal.isDuplicate)
  if (!batch.isRepeated || batch.parameters.mode !== 'insert' || doubtful.length === 0) return written
  const mine = await storedAlready(
    batch.definition,
    doubtful.map(({ index }) => documents[index]!),
  )
  const refusals = written.refusals.filter(({ index }) => !mine.has(documents[index]!))
  const done = { counts: added(written.counts, { inserted: mine.size }), refusals }
  const last = written.refusals.at(-1)!
  if (batch.parameters.onError !== 'stop' || refusals.length > 0) return done
  const rest = documents.slice(last.index + 1)
  const more = await settled(batch, rest, await writeBatch(writingOf(batch), rest))
  return {
    counts: added(done.counts, more.counts),
    refusals: more.refusals.map(refusal => ({ ...refusal, index: refusal.index + last.index + 1 })),
  }
}

/** Writes with an entry for each change: both or none where there are transactions. */
async function writeAudited(batch: ImportBatch, writable: readonly Prepared[]): Promise<Outcome> {
  const { definition } = batch
  if (!(await hasTransactions(definition.connection))) {
    return recordedWrite(batch, writable, documents => writePart(batch, documents, 0))
  }
  const refused: Refusal[] = []
  const writing = { ...writingOf(batch), isOrdered: true }
  for (;;) {
    const left = writable.filter((_, i) => !refused.some(refusal => refusal.index === i))
    const mine = batch.isRepeated
      ? await storedAlready(
          definition,
          left.map(one => one.document!),
        )
      : new Set()
    const fresh = left.filter(one => !mine.has(one.document!))
    try {
      const outcome = await transaction(
        () =>
          recordedWrite(batch, fresh, async documents => {
            const { counts, refusals } = await writeBatch(
              writing,
              documents.map(one => one.document!),
            )
            if (refusals[0])
              throw new Refused({ ...refusals[0], index: writable.indexOf(documents[refusals[0].index]!) })
            return { counts, refused: [] }
          }),
        { connection: definition.connection },
      )
      return { counts: added(outcome.counts, mine.size > 0 ? { inserted: mine.size } : {}), refused }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused.push(error.refusal)
      if (batch.parameters.onError === 'stop') writable = writable.slice(0, error.refusal.index + 1)
    }
  }
}

// A transaction in which one write is refused is lost as a whole; it is begun again without that one.
class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.problem)
    this.refusal = refusal
  }
}

async function recordedWrite(
  batch: ImportBatch,
  documents: readonly Prepared[],
  write: (documents: readonly Prepared[]) => Promise<Outcome>,
): Promise<Outcome> {
  const { definition, parameters, from } = batch
  if (documents.length === 0) return { counts: {}, refused: [] }
  const key = parameters.mode === 'insert' ? ['_id'] : parameters.key
  const filters = documents.map(one => filterFor(key, one.document!)!)
  const before = parameters.mode === 'insert' ? new Map<string, Stored>() : await storedBy(definition, filters)
  const outcome = await write(documents)
  const after = await storedBy(definition, filters)
  const recordings = [...new Set([...before.keys(), ...after.keys()])].map(id => {
    const [was, is] = [before.get(id), after.get(id)]
    const operation = was ? (is ? ('update' as const) : ('delete' as const)) : ('insert' as const)
    return { operation, documentId: (was ?? is)!._id, before: was ?? {}, after: is ?? {} }
  })
  for (const [i, operation] of (['insert', 'update', 'delete'] as const).entries()) {
    const some = recordings.filter(recording => recording.operation === operation)
    if (some.length > 0) await recordBatch(definition, { operation, number: from.batches * 3 + i, recordings: some })
  }
  return outcome
}

async function storedBy(definition: ModelDefinition, filters: readonly Document[]): Promise<Map<string, Stored>> {
  const found = await send(definition, { operation: 'find', filter: {} }, (collection, session) =>
    collection.find({ $or: filters as Document[] }, { raw: true, ...session }).toArray(),
  )
  const documents = (found as unknown as Uint8Array[]).map(bytes => storedFrom(Buffer.from(bytes)))
  return new Map(documents.map(document => [BSON.EJSON.stringify({ id: document._id }, { relaxed: false }), document]))
}

function sumOf(one: Outcome, other: Outcome): Outcome {
  return { counts: added(one.counts, other.counts), refused: [...one.refused, ...other.refused] }
}

function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
