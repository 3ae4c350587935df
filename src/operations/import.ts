// Imports documents of a file as a run, with the place in the file as its checkpoint.
import { resolve } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { refuseEncrypted } from '../models/encrypted-fields.ts'
import { modelNamed } from '../models/registry.ts'
import { prepareAudit } from '../runtime/audit-batch.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { collectionOf } from '../runtime/execute.ts'
import { type FileMark, markOf } from './formats/byte-source.ts'
import type { Entry, Position } from './formats/entry.ts'
import type { FileFormat } from './formats/format.ts'
import { type BatchDone, importBatch } from './import-batch.ts'
import type { ImportParameters } from './import-parameters.ts'
import { readingOf } from './import-reading.ts'
import { keepRejects, type Reject, type RejectSizes } from './import-rejects.ts'
import { type ImportSource, openSource, START } from './import-source.ts'
import { strangersOf } from './import-strangers.ts'
import { startRun } from './run.ts'
import { type Counters, closeRefused, type RunRequest } from './run-document.ts'
import type { RunControls, RunEnding, Step } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** Told of each document that could not be imported. */
export type OnReject = (reject: Reject) => void

type Asked = Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'>

/** Starts the import of a file, or of stdin for `-`. Throws `JobLocked`. */
export async function startImport(
  definition: ModelDefinition,
  parameters: Omit<ImportParameters, 'format'> & { readonly format: FileFormat | undefined },
  options: { readonly asked: Asked; readonly controls: RunControls; readonly onReject: OnReject },
): Promise<RunEnding> {
  for (const path of parameters.key) refuseEncrypted(definition, path, 'a key')
  const isStdin = parameters.path === '-'
  const path = isStdin ? '-' : resolve(parameters.path)
  // Stdin is opened once: what it has given is gone.
  const source = await openSource(definition, path, parameters)
  const { format } = source
  await prepareAudit(definition)
  const { limits, ...asked } = options.asked
  const mark = isStdin ? null : await markOf(path)
  const run = await startRun(
    {
      ...asked,
      kind: 'import',
      model: definition.name,
      connection: definition.connection,
      summary: `import ${definition.name} from ${isStdin ? 'stdin' : path}`,
      parameters: { ...parameters, path, format, mark },
      limits: { ...limits, batch: limits?.batch ?? 500 },
    },
    options.controls,
  )
  return work(run, { source, onReject: options.onReject, isAgain: 'no' })
}

/** Goes on with an import that has stopped. Throws `RUN_REFUSED` where its file is not there as it was. */
export async function goOn(run: Run): Promise<RunEnding> {
  const { path, mark, format, validates } = run.parameters<ImportParameters & { readonly mark: FileMark | null }>()
  const refuse = (reason: string) =>
    new GooseError('RUN_REFUSED', { run: run.id, reason, hint: 'import again, with --mode upsert' })
  try {
    if ((run.checkpoint as Checkpoint | null)?.isRefused) throw refuse('it ended at a document that was refused')
    if (!mark) throw refuse('it has read stdin, which cannot be read again')
    const now = await markOf(path)
    if (now.size !== mark.size || now.modified !== mark.modified) throw refuse(`${path} has changed since it began`)
    const source = await openSource(modelNamed(run.model!).definition, path, { format, validates })
    return await work(run, { source, onReject: () => {}, isAgain: 'yes' })
  } catch (error) {
    await run.fail(error)
    throw error
  }
}

interface Checkpoint extends Position {
  readonly rejects: RejectSizes
  /** Whether the import ended here at a refused document: what follows it was not written. */
  readonly isRefused?: boolean
}

const BEGINNING: Checkpoint = { ...START, rejects: { documents: 0, reasons: 0 } }

interface Work {
  readonly source: ImportSource
  readonly onReject: OnReject
  /** Whether a part of the first batch may be stored already. */
  readonly isAgain: 'yes' | 'no'
}

async function work(run: Run, { source, onReject, isAgain }: Work): Promise<RunEnding> {
  const parameters = run.parameters<ImportParameters>()
  const { definition, model } = modelNamed(run.model!)
  const reading = readingOf(
    source,
    { ...parameters, model: model as RuntimeModel, seed: run.id },
    {
      count: run.limits.batch * parameters.parallel,
    },
  )
  const isDivisible = parameters.parallel > 1 && !(await hasUniqueIndex(definition))
  const { mode, validates } = parameters
  const strangers = validates && mode !== 'delete' ? strangersOf(definition) : undefined
  let attempted = isAgain === 'yes' ? fromKept(run.checkpoint).entries : -1
  const batch = async (kept: unknown): Promise<Step> => {
    const from = fromKept(kept)
    const documents = await run.time('read', () => reading.next(from))
    strangers?.look(documents)
    if (documents.length === 0) return { checkpoint: from, done: true }
    const isRepeated = attempted === from.entries
    attempted = from.entries
    let rejects: readonly Reject[] = []
    const conclude = async (done: BatchDone) => {
      rejects = done.rejects
      return stepOf({ parameters, from, head: reading.head() }, done)
    }
    const request = { parameters, definition, documents, at: from.entries, isRepeated, isDivisible, conclude }
    const step = await run.time('write', () => importBatch(run, request))
    for (const reject of rejects) onReject(reject)
    const [first] = rejects
    if (!first || !(step.checkpoint as Checkpoint).isRefused) return step
    if (!step.isKept) await run.keep(step)
    throw refusedAt(parameters, first, [run.counters, step.counted ?? {}])
  }
  try {
    const ending = await run.walk(batch)
    if (strangers) await tell(run, strangers.names)
    return ending.state === 'stopped' && parameters.path === '-' ? await unrepeatable(run, ending) : ending
  } catch (error) {
    if (isFinal(error)) await closeRefused(run.alias, run.id).catch(() => undefined)
    throw isDamaged(error) ? damaged(error, run.counters) : error
  } finally {
    await reading.close()
  }
}

// What stdin has given is gone.
async function unrepeatable(run: Run, ending: RunEnding): Promise<RunEnding> {
  const state = 'refused' as const
  const why = `${ending.why}; stdin cannot be read again`
  await closeRefused(run.alias, run.id, { why })
  return { ...ending, state, why }
}

// What does not fit is to be corrected, and what was cut to be got again: the file will not be the same.
function isFinal(error: unknown): boolean {
  return isDamaged(error) || (error instanceof GooseError && error.code === 'INPUT_INVALID')
}

function isDamaged(error: unknown): error is GooseError {
  return error instanceof GooseError && error.code === 'FILE_FAILED' && error.meta.action === 'read'
}

// The rest of the file is to be brought, and what is there is not to be brought twice.
function damaged(error: GooseError, counters: Counters): GooseError {
  const more = `; imported until then: ${storedText([counters])}`
  const hint = `${error.hint.replace(/; get it again$/, '')}; get it again, and import it with --mode upsert`
  return new GooseError('FILE_FAILED', { ...error.meta, more, hint }, { cause: error.cause })
}

// Often a field of the model that is misspelt.
async function tell(run: Run, names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) return
  const listed = [...names].slice(0, 10).join(', ')
  const text = `${run.model} has no field ${listed}${names.size > 10 ? ', …' : ''}; stored all the same, as the model is not strict`
  await run.log(text)
  run.controls.onLog?.(text)
}

function fromKept(kept: unknown): Checkpoint {
  return (kept as Checkpoint | null) ?? BEGINNING
}

async function hasUniqueIndex(definition: ModelDefinition): Promise<boolean> {
  const indexes = await (await collectionOf(definition)).indexes().catch(() => [])
  return indexes.some(index => index.unique && index.name !== '_id_')
}

// As many as a run keeps.
const NOTED = 100

interface Place {
  readonly parameters: ImportParameters
  readonly from: Checkpoint
  readonly head: Buffer | undefined
}

async function stepOf({ parameters, from, head }: Place, done: BatchDone): Promise<Step> {
  const { documents, counted, rejects } = done
  const last = documents.at(-1)!.entry
  const kept = parameters.rejects
    ? await keepRejects(parameters.rejects, from.rejects, { head, rejects })
    : from.rejects
  const isRefused = rejects.length > 0 && (parameters.onError === 'stop' || last.isLast === true)
  const checkpoint: Checkpoint = {
    offset: last.end,
    line: lineAfter(last),
    entries: from.entries + documents.length,
    rejects: kept,
    ...(isRefused ? { isRefused } : {}),
  }
  const noted = rejects.slice(0, NOTED).map(({ line, problem }) => ({ line, why: problem }))
  return { checkpoint, counted, ...(noted.length > 0 ? { noted } : {}) }
}

// A document may stand on several lines.
function lineAfter({ line, source }: Entry): number {
  let lines = 0
  for (const byte of source ?? []) if (byte === 0x0a) lines += 1
  return line + lines
}

function refusedAt(
  { path, format }: ImportParameters,
  { line, problem }: Reject,
  counted: readonly Counters[],
): GooseError {
  const hint = `what stands before it is imported (${storedText(counted)}); correct it, or take --on-error skip`
  const place = format === 'bson' ? `document ${line}` : `line ${line}`
  return new GooseError('INPUT_INVALID', { path: path === '-' ? 'stdin' : path, place, reason: problem, hint })
}

function storedText(counted: readonly Counters[]): string {
  const sum = (name: string) => counted.reduce((total, counters) => total + (counters[name] ?? 0), 0)
  const stored = ['inserted', 'changed', 'deleted'].filter(name => sum(name) > 0)
  return stored.map(name => `${name} ${sum(name)}`).join(', ') || 'nothing'
}
