// Imports documents of a file as a run, with the place in the file as its checkpoint.
import { resolve } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { modelNamed } from '../models/registry.ts'
import { prepareAudit } from '../runtime/audit-batch.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { type FileMark, markOf } from './formats/byte-source.ts'
import type { Entry, Position } from './formats/entry.ts'
import type { FileFormat } from './formats/format.ts'
import { importBatch } from './import-batch.ts'
import type { Preparation } from './import-document.ts'
import type { ImportParameters } from './import-parameters.ts'
import { keepRejects, type Reject, type RejectSizes } from './import-rejects.ts'
import { type EntryBatches, openSource, START } from './import-source.ts'
import { startRun } from './run.ts'
import type { RunRequest } from './run-document.ts'
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
  const isStdin = parameters.path === '-'
  const path = isStdin ? '-' : resolve(parameters.path)
  const { format } = await openSource(definition, path, parameters.format)
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
      limits: { ...limits, batch: limits?.batch ?? 1000 },
    },
    options.controls,
  )
  return work(run, { onReject: options.onReject, isAgain: 'no' })
}

/** Goes on with an import that has stopped. Throws `RUN_REFUSED` where its file is not there as it was. */
export async function goOn(run: Run): Promise<RunEnding> {
  const { path, mark } = run.parameters<ImportParameters & { readonly mark: FileMark | null }>()
  const refuse = (reason: string) =>
    new GooseError('RUN_REFUSED', { run: run.id, reason, hint: 'import again, with --mode upsert' })
  try {
    if ((run.checkpoint as Checkpoint | null)?.isRefused) throw refuse('it ended at a document that was refused')
    if (!mark) throw refuse('it has read stdin, which cannot be read again')
    const now = await markOf(path)
    if (now.size !== mark.size || now.modified !== mark.modified) throw refuse(`${path} has changed since it began`)
  } catch (error) {
    await run.fail(error)
    throw error
  }
  return work(run, { onReject: () => {}, isAgain: 'yes' })
}

interface Checkpoint extends Position {
  readonly batches: number
  readonly rejects: RejectSizes
  /** Whether the import ended here at a refused document: what follows it in the batch was not written. */
  readonly isRefused?: boolean
}

const BEGINNING: Checkpoint = { ...START, batches: 0, rejects: { documents: 0, reasons: 0 } }

interface Work {
  readonly onReject: OnReject
  /** Whether a part of the first batch may be stored already. */
  readonly isAgain: 'yes' | 'no'
}

async function work(run: Run, { onReject, isAgain }: Work): Promise<RunEnding> {
  const parameters = run.parameters<ImportParameters>()
  const { definition, model } = modelNamed(run.model!)
  const source = await openSource(definition, parameters.path, parameters.format)
  const preparation: Preparation = {
    model: model as RuntimeModel,
    format: parameters.format,
    validates: parameters.validates,
    fillsDefaults: parameters.fillsDefaults,
    isWhole: parameters.mode === 'insert' || parameters.mode === 'upsert',
    seed: run.id,
  }
  let reading: { readonly at: number; readonly batches: EntryBatches; next: Promise<readonly Entry[]> } | undefined
  let attempted = isAgain === 'yes' ? ((run.checkpoint as Checkpoint | null) ?? BEGINNING).entries : -1
  const batch = async (kept: unknown): Promise<Step> => {
    const from = (kept as Checkpoint | null) ?? BEGINNING
    const count = run.limits.batch * parameters.parallel
    if (reading?.at !== from.entries) {
      await reading?.batches.close()
      const batches = source.from(from)
      reading = { at: from.entries, batches, next: run.time('read', () => batches.take(count)) }
    }
    const { batches } = reading
    const entries = await reading.next
    if (entries.length === 0) return { checkpoint: from, done: true }
    // While this batch is written, the next one is read.
    const next = batches.take(count)
    next.catch(() => undefined)
    reading = { at: from.entries + entries.length, batches, next }
    const isRepeated = attempted === from.entries
    attempted = from.entries
    const done = await importBatch(run, { parameters, preparation, definition, entries, from, isRepeated })
    const rejects = parameters.rejects
      ? await keepRejects(parameters.rejects, from.rejects, { head: batches.head(), rejects: done.rejects })
      : from.rejects
    const last = entries.at(-1)!
    const place = { offset: last.end, line: lineAfter(last), entries: from.entries + entries.length }
    const step = { checkpoint: { ...place, batches: from.batches + 1, rejects }, counted: done.counted }
    for (const reject of done.rejects) onReject(reject)
    const [first] = done.rejects
    const broken = entries.find(entry => entry.isLast)
    if (first && (parameters.onError === 'stop' || broken)) {
      await run.keep({ ...step, checkpoint: { ...step.checkpoint, isRefused: true } })
      throw refusedAt(parameters, first, run)
    }
    return step
  }
  try {
    return await run.walk(batch)
  } finally {
    await reading?.batches.close().catch(() => undefined)
  }
}

// A document may stand on several lines.
function lineAfter({ line, source }: Entry): number {
  let lines = 0
  for (const byte of source ?? []) if (byte === 0x0a) lines += 1
  return line + lines
}

function refusedAt({ path, format }: ImportParameters, { line, problem }: Reject, run: Run): GooseError {
  const stored = Object.entries(run.counters).map(([name, count]) => `${name} ${count}`)
  const hint = `what stands before it is imported (${stored.join(', ') || 'nothing'}); correct it, or take --on-error skip`
  const place = format === 'bson' ? `document ${line}` : `line ${line}`
  return new GooseError('INPUT_INVALID', { path: path === '-' ? 'stdin' : path, place, reason: problem, hint })
}
