// Plans a bulk change: looks at every document it would touch, changes none, and keeps what it saw for apply.
import { createHash, randomBytes } from 'node:crypto'
import { type Binary, BSON, type Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { BulkPlan, ChangeCount } from '../models/bulk-plan.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { describeModel } from '../models/describe.ts'
import { shownFilter } from '../models/filter.ts'
import { filterOf, type Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import type { SentUpdate } from '../models/update.ts'
import { connectionOf, hasTransactions } from '../runtime/connection.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { collectionOf, explainOf } from '../runtime/execute.ts'
import { explainedFacts } from '../runtime/explained.ts'
import { maskerOf } from '../runtime/mask.ts'
import { scopedFilter } from '../runtime/scope.ts'
import { newParentsIn } from '../runtime/tree-moves.ts'
import { checkBulk } from '../runtime/update.ts'
import { batchFor } from './batch-size.ts'
import { type BulkChange, type ChangeOptions, deleteChange, sentNow, updateChange } from './bulk-change.ts'
import { KEPT_DAYS } from './bulk-images.ts'
import { PLANS, pageOf, pagesOf } from './plan-pages.ts'
import { samplePlan } from './plan-sample.ts'
import { type Walked, walkPlan } from './plan-walk.ts'
import { packed } from './run-document.ts'

/** How long a plan may be applied, in minutes. */
export const VALID_MINUTES = 30

/** How a plan is made. */
export interface PlanOptions extends ChangeOptions {
  /** Means every document, where there is no filter. */
  readonly all?: boolean | undefined
  readonly batch?: number | undefined
  /** Refuses to plan for more documents. */
  readonly maxDocs?: number | undefined
}

/** A plan as it is stored: what people saw, and what is needed to make the change. */
export interface StoredPlan extends Omit<BulkPlan, 'id'> {
  readonly _id: string
  readonly sent: { readonly filter: Binary; readonly change: Binary }
  /** The model as it was, by the hash of its description. */
  readonly modelHash: string
  /** The run that has applied it. */
  readonly run: string | null
}

/** What is asked for: documents, and an update of them; none means to delete them. */
export interface BulkRequest {
  readonly model: RuntimeModel
  readonly query: Plan
  readonly update?: unknown
}

/** Plans a bulk update or delete, and keeps the plan for half an hour. Throws `EmptyFilterRefused`, `TOO_MANY_DOCUMENTS`. */
export async function planBulk(request: BulkRequest, options: PlanOptions = {}): Promise<BulkPlan> {
  const { definition } = request.model
  const { filter, change, kind } = checkedBulk(request, options)
  if (change.hooks) await refuseHooks(definition)
  const id = `plan_${randomBytes(5).toString('hex')}`
  const createdAt = new Date()
  const expiresAt = new Date(createdAt.getTime() + VALID_MINUTES * 60_000)
  const batch = options.batch ?? (await batchFor(definition))
  const pages = await pagesOf(definition.connection)
  await pages.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
  let number = 0
  const keep = async (stored: readonly Uint8Array[]) =>
    void (await pages.insertOne(pageOf(id, ++number, stored, expiresAt)))
  const walked = await walkPlan({ definition, filter, change, batch }, keep)
  refuseMany(definition, kind, { count: walked.matched, most: options.maxDocs })
  const plan: BulkPlan = {
    id,
    kind,
    model: definition.name,
    connection: definition.connection,
    summary: summaryOf(definition, change),
    createdAt,
    expiresAt,
    filter: shownFilter(definition, filterOf(request.query)),
    matched: walked.matched,
    total: await (await collectionOf(definition)).estimatedDocumentCount(),
    index: await indexOf(request),
    changes: countsOf(definition, change, walked),
    ...(await samplePlan({ model: request.model, filter, change, ids: walked.sampled })),
    hooks: change.hooks,
    audited: settingsOf(definition).audit !== undefined,
    undoDays: KEPT_DAYS,
    batch,
    batches: number,
    journalBytes: walked.bytes,
    digest: walked.digest,
  }
  await keepPlan(plan, { filter: packed(filter), change: packed(change) }, modelHash(definition))
  return plan
}

/** Checks a bulk change without looking at any document. */
export function checkedBulk({ model, query, update }: BulkRequest, options: PlanOptions) {
  const { definition } = model
  const kind = update === undefined ? ('bulk delete' as const) : ('bulk update' as const)
  checkBulk(definition, query, kind, { all: options.all ?? false })
  const change = update === undefined ? deleteChange(definition, options) : updateChange(definition, update, options)
  refuseMoves(definition, change)
  return { kind, change, filter: scopedFilter(definition, query) }
}

// A plan is carried out in parts, long after its look: what others move in between could close a circle.
function refuseMoves(definition: ModelDefinition, { update, hooks }: BulkChange): void {
  if (!update || hooks || newParentsIn(definition, update).length === 0) return
  throw new GooseError('INVALID_UPDATE', {
    model: definition.name,
    reason: 'a plan moves no documents of a tree, as that could close a circle',
    hint: 'use updateMany(), or a plan with hooks, which looks before each save',
  })
}

// A save that a crash has cut off cannot be told from one that is still to come.
async function refuseHooks(definition: ModelDefinition): Promise<void> {
  if (await hasTransactions(definition.connection)) return
  throw new GooseError('NOT_SUPPORTED', {
    what: 'a bulk change with hooks',
    reason: 'this server has no transactions',
    hint: 'use a replica set (a single node can be one), or leave hooks out',
  })
}

function refuseMany(
  definition: ModelDefinition,
  operation: string,
  { count, most }: { readonly count: number; readonly most: number | undefined },
): void {
  if (most === undefined || count <= most) return
  throw new GooseError('TOO_MANY_DOCUMENTS', { model: definition.name, operation, count, most })
}

// Its fields, never their values.
function summaryOf(definition: ModelDefinition, { action, update, touched }: BulkChange): string {
  if (action === 'remove') return `delete ${definition.name} for good`
  if (action === 'mark') return `delete ${definition.name}`
  const operators = Array.isArray(update) ? 'by a pipeline' : ''
  const { updatedAt, version } = settingsOf(definition)
  const fields = (touched ?? []).filter(name => name !== updatedAt && name !== version).join(', ')
  return `update ${definition.name} ${fields}${operators ? ` ${operators}` : ''}`.replace(/ {2,}/g, ' ')
}

/** Gives the hash of what a model is; a plan for another model than this is refused. */
export function modelHash(definition: ModelDefinition): string {
  const { location: _, ...description } = describeModel(definition)
  return createHash('sha256').update(JSON.stringify(description)).digest('hex')
}

async function keepPlan({ id, ...plan }: BulkPlan, sent: StoredPlan['sent'], hash: string): Promise<void> {
  const { db } = await connectionOf(plan.connection)
  await db.collection<StoredPlan>(PLANS).insertOne({ _id: id, ...plan, sent, modelHash: hash, run: null })
}

async function indexOf({ model, query }: BulkRequest): Promise<BulkPlan['index']> {
  const {
    index: name,
    keys,
    documents,
    scans,
  } = explainedFacts(
    await explainOf(model.definition, { ...query, sort: [], select: [], populate: [] }, 'executionStats'),
  )
  return { name, keys, documents, scans }
}

function countsOf(
  definition: ModelDefinition,
  change: BulkChange,
  { values, matched }: Walked,
): readonly ChangeCount[] {
  if (change.action === 'remove') return []
  const mask = maskerOf(definition)
  const sent = sentNow(definition, change)
  return (change.touched ?? []).flatMap((path): readonly ChangeCount[] => {
    const counts = values.get(path)
    const given = givenTo(sent, path)
    const to = given?.value
    if (!given || counts === undefined || counts === 'many') {
      const now = to === undefined ? undefined : mask(path, to)
      return [{ path, from: undefined, to: now, count: matched, isVarious: true }]
    }
    const isSame = (from: unknown) => BSON.EJSON.stringify({ v: from }) === BSON.EJSON.stringify({ v: to })
    return [...counts.values()]
      .filter(({ value }) => !isSame(value))
      .sort((one, other) => other.count - one.count)
      .map(({ value, count }) => ({
        path,
        from: value === undefined ? undefined : mask(path, value),
        to: to === undefined ? undefined : mask(path, to),
        count,
        isVarious: false,
      }))
  })
}

/** Gives the value that an update gives a top-level field of every document, or undefined where that depends on it. */
function givenTo(sent: SentUpdate, path: string): { readonly value: unknown } | undefined {
  if (Array.isArray(sent)) return undefined
  const { $set = {}, $unset = {}, ...others } = sent as Record<string, Document>
  const isElsewhere = Object.values(others).some(paths =>
    Object.keys(paths).some(other => other.split('.')[0] === path),
  )
  if (isElsewhere) return undefined
  if (path in $set) return { value: $set[path] }
  return path in $unset ? { value: undefined } : undefined
}
