// One batch of an import: written in one transaction with its audit and checkpoint, or so that it may be repeated.
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { hasTransactions } from '../runtime/connection.ts'
import { transaction } from '../runtime/transaction.ts'
import { keyOfId } from './archive-bytes.ts'
import { recordedWrite } from './import-audit.ts'
import type { Prepared } from './import-document.ts'
import type { ImportParameters } from './import-parameters.ts'
import type { Reject } from './import-rejects.ts'
import { idsTaken, storedAlready } from './import-stored.ts'
import { type Refusal, type Writing, type Written, writeBatch } from './import-write.ts'
import { summed } from './run-document.ts'
import type { Step } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** A batch, and how it is imported. */
export interface ImportBatch {
  readonly parameters: ImportParameters
  readonly definition: ModelDefinition
  readonly documents: readonly Prepared[]
  /** The place of its first document in the file. */
  readonly at: number
  /** Whether a part of it may be stored already. */
  readonly isRepeated: boolean
  /** Whether parts of it may be written side by side. */
  readonly isDivisible: boolean
  /** Makes the step of what was dealt with; may be called again. */
  conclude(done: BatchDone): Promise<Step>
}

/** What a batch has come to. */
export interface BatchDone {
  /** The documents that are dealt with: all, or those up to one that was refused. */
  readonly documents: readonly Prepared[]
  readonly counted: Readonly<Record<string, number>>
  readonly rejects: readonly Reject[]
}

/** Imports a batch, or the part of it that one transaction can take; what is repeated is not doubled. */
export async function importBatch(run: Run, batch: ImportBatch): Promise<Step> {
  const { definition, parameters } = batch
  const isPlain = parameters.mode === 'insert' && settingsOf(definition).audit === undefined
  if (isPlain || !(await hasTransactions(definition.connection))) return repeatable(batch)
  return whole(run, batch)
}

// Change, audit and checkpoint are stored together: after a crash there is all of it or nothing.
async function whole(run: Run, batch: ImportBatch): Promise<Step> {
  const { definition } = batch
  let documents = upToProblem(batch)
  for (let attempt = 1; ; attempt++) {
    const writable = documents.filter(one => one.document)
    const write = async (part: readonly Prepared[]) => {
      const written = await writeBatch(
        writingOf(batch, 'ordered'),
        part.map(one => one.document!),
      )
      // The transaction is over: not even reading goes on in it.
      if (written.refusals[0]) throw new Refused(written.refusals[0])
      return written
    }
    const act = async () => {
      const { counts } = await recordedWrite({ ...batch, documents: writable }, write)
      const step = await batch.conclude(doneWith(documents, counts))
      await run.keep(step)
      return { ...step, isKept: true }
    }
    try {
      return await transaction(act, { connection: definition.connection })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      documents = await narrowed(batch, { documents, writable, attempt }, error.refusal)
    }
  }
}

interface Attempt {
  readonly documents: readonly Prepared[]
  readonly writable: readonly Prepared[]
  readonly attempt: number
}

// A transaction in which one write is refused is lost. Taken ids can be told before the next one, other refusals
// cannot: it then ends at the one that is known, so that many of them cost no more than few.
async function narrowed(
  { definition, parameters }: ImportBatch,
  { documents, writable, attempt }: Attempt,
  { index, problem }: Refusal,
): Promise<readonly Prepared[]> {
  const half = documents.slice(0, documents.indexOf(writable[Math.ceil(writable.length / 2)]!))
  if (index === -1) return half
  const refused = withProblem(documents, writable[index]!, problem)
  const isFirst = attempt === 1 && parameters.mode === 'insert' && parameters.onError === 'skip'
  return isFirst ? withoutTaken(definition, refused) : refused.slice(0, lastProblem(refused) + 1)
}

class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.problem)
    this.refusal = refusal
  }
}

function withProblem(documents: readonly Prepared[], refused: Prepared, problem: string): readonly Prepared[] {
  return documents.map(one => (one === refused ? { entry: one.entry, problem } : one))
}

// By one question for all of them.
async function withoutTaken(definition: ModelDefinition, documents: readonly Prepared[]): Promise<readonly Prepared[]> {
  const taken = await idsTaken(definition, documents)
  return documents.map(one => (taken.has(one) ? { entry: one.entry, problem: taken.get(one)! } : one))
}

function lastProblem(documents: readonly Prepared[]): number {
  return documents.findLastIndex(one => one.problem !== undefined)
}

// Nothing behind a document that ends the import is written.
function upToProblem({ documents, parameters }: ImportBatch): readonly Prepared[] {
  const first = parameters.onError === 'stop' ? documents.findIndex(one => one.problem !== undefined) : -1
  return first === -1 ? documents : documents.slice(0, first + 1)
}

/** Writes what may be written again after a crash: what an attempt before this one has stored is found and left. */
async function repeatable(batch: ImportBatch): Promise<Step> {
  const { definition, parameters } = batch
  const documents = upToProblem(batch)
  const writable = documents.filter(one => one.document)
  const isAudited = settingsOf(definition).audit !== undefined
  const { counts, refusals } = isAudited
    ? await recordedWrite({ ...batch, documents: writable }, part => writePart(batch, part))
    : await writeApart(batch, writable)
  const problems = new Map(refusals.map(({ index, problem }) => [writable[index], problem]))
  const told = documents.map(one => (problems.has(one) ? { entry: one.entry, problem: problems.get(one)! } : one))
  return batch.conclude(doneWith(upToProblem({ ...batch, documents: told, parameters }), counts))
}

function doneWith(documents: readonly Prepared[], counts: Written['counts']): BatchDone {
  const rejects = documents.flatMap(({ entry, problem }) =>
    problem === undefined ? [] : [{ line: entry.line, problem, source: entry.source }],
  )
  const failed = rejects.length > 0 ? { failed: rejects.length } : {}
  return { documents, counted: { matched: documents.length, ...counts, ...failed }, rejects }
}

function writingOf({ definition, parameters }: ImportBatch, order: 'ordered' | 'as asked'): Writing {
  const { mode, key, onError } = parameters
  return { definition, mode, key, isOrdered: order === 'ordered' || onError === 'stop' }
}

/** Writes several parts of a batch side by side, where their order does not matter. */
async function writeApart(batch: ImportBatch, writable: readonly Prepared[]): Promise<Written> {
  const parts = isDivisible(batch, writable) ? batch.parameters.parallel : 1
  const size = Math.ceil(writable.length / parts)
  const starts = Array.from({ length: parts }, (_, part) => part * size).filter(start => start < writable.length)
  const written = await Promise.all(
    starts.map(async start => shifted(await writePart(batch, writable.slice(start, start + size)), start)),
  )
  return written.reduce(sumOf, { counts: {}, refusals: [] })
}

// Of two that cannot both be stored, it is the first one of the file that is.
function isDivisible({ parameters, isDivisible }: ImportBatch, writable: readonly Prepared[]): boolean {
  if (!isDivisible || parameters.mode !== 'insert' || parameters.onError === 'stop' || parameters.parallel === 1)
    return false
  return new Set(writable.map(({ document }) => keyOfId(document!.get('_id')))).size === writable.length
}

async function writePart(batch: ImportBatch, part: readonly Prepared[]): Promise<Written> {
  const writing = writingOf(batch, 'as asked')
  const written = await writeBatch(
    writing,
    part.map(one => one.document!),
  )
  return settled(batch, part, written)
}

// Documents that an attempt before this one has written are no duplicates: they are what was to be.
async function settled(batch: ImportBatch, part: readonly Prepared[], written: Written): Promise<Written> {
  const doubtful = written.refusals.filter(refusal => refusal.isDuplicate)
  if (!batch.isRepeated || batch.parameters.mode !== 'insert' || doubtful.length === 0) return written
  const mine = await storedAlready(
    batch.definition,
    doubtful.map(({ index }) => part[index]!),
  )
  const refusals = written.refusals.filter(({ index }) => !mine.has(part[index]!))
  const done = { counts: summed(written.counts, { inserted: mine.size }), refusals }
  if (batch.parameters.onError !== 'stop' || refusals.length > 0) return done
  const next = written.refusals.at(-1)!.index + 1
  return sumOf(done, shifted(await writePart(batch, part.slice(next)), next))
}

function shifted({ counts, refusals }: Written, by: number): Written {
  return { counts, refusals: refusals.map(refusal => ({ ...refusal, index: refusal.index + by })) }
}

function sumOf(one: Written, other: Written): Written {
  return { counts: summed(one.counts, other.counts), refusals: [...one.refusals, ...other.refusals] }
}
