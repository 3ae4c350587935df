// Describes a plan as the tree of stages that MongoDB's explain shows.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import { intervalText } from './intervals.ts'
import { type IndexPlan, isUnordered, type Plan, type Query } from './plan.ts'

export interface Asked extends Query {
  readonly skip?: number | undefined
  readonly limit?: number | undefined
  readonly projection?: Document | undefined
}

/** What a command does with the documents that it finds. */
export type Action = 'find' | 'count' | 'update' | 'delete'

/** Counts of an execution. */
export interface Counters {
  readonly keysExamined: number
  readonly docsExamined: number
  readonly nReturned: number
  /** how many documents a command found that returns none of them */
  readonly found?: number
  readonly milliseconds: number
}

/** Gives the stages, outermost first; with counters each says what it did. */
export function stagesOf(
  plan: Plan,
  asked: Asked,
  { action, counters }: { action: Action; counters?: Counters | undefined },
): Document {
  const number = counters?.found ?? 0
  const within = counters && { ...counters, nReturned: counters.found ?? counters.nReturned }
  const fields = counters && action !== 'find' ? { [RESULT_NAMES[action]]: number } : {}
  if (action === 'count' && plan.kind !== 'scan' && plan.kind !== 'or' && plan.exact)
    return stage('COUNT', { fields, input: countScan(plan, within), counters })
  const found = finding(plan, asked, within)
  if (action !== 'find') return stage(action.toUpperCase(), { fields, input: found, counters })
  return shaped(sorted(found, plan, { asked, counters }), { plan, asked, counters })
}

const RESULT_NAMES = { count: 'nCounted', update: 'nMatched', delete: 'nWouldDelete' } as const

interface StageParts {
  readonly fields?: Readonly<Record<string, unknown>>
  readonly input?: Document | readonly Document[]
  readonly counters?: Counters | undefined
  /** how many documents or keys it passed on, where that is not what the command returned */
  readonly passed?: number | undefined
}

function stage(name: string, { fields = {}, input, counters, passed }: StageParts): Document {
  const built = document({ stage: name, ...fields })
  if (counters !== undefined) {
    const returned = int32(passed ?? counters.nReturned)
    built.set('nReturned', returned)
    built.set('executionTimeMillisEstimate', int32(0))
    built.set('works', int32(returned.value + 1))
    built.set('advanced', returned)
    built.set('isEOF', int32(1))
  }
  if (input instanceof Map) built.set('inputStage', input)
  else if (input !== undefined) built.set('inputStages', [...input])
  return built
}

function finding(plan: Plan, asked: Asked, counters: Counters | undefined): Document {
  const filter = asked.filter.size === 0 ? {} : { filter: asked.filter }
  if (plan.kind === 'scan') {
    const examined = counters && { docsExamined: counters.docsExamined }
    return stage('COLLSCAN', { fields: { ...filter, direction: directionOf(plan.reverse), ...examined }, counters })
  }
  const examined = counters && { docsExamined: counters.docsExamined, alreadyHasObj: 0 }
  if (plan.kind === 'or') {
    const input = stage('OR', {
      input: plan.plans.map(part => indexScan(part)),
      counters,
      passed: counters?.docsExamined,
    })
    return stage('FETCH', { fields: { ...filter, ...examined }, input, counters })
  }
  if (plan.kind === 'id' && plan.ids.length === 1) {
    const looked = counters && { keysExamined: counters.keysExamined, docsExamined: counters.docsExamined }
    return stage('IDHACK', { fields: { indexName: plan.index.name, ...looked }, counters })
  }
  const rechecked = plan.exact ? {} : filter
  return stage('FETCH', { fields: { ...rechecked, ...examined }, input: indexScan(plan, counters), counters })
}

type Walk = Pick<IndexPlan, 'index' | 'bounds' | 'reverse'>

function indexScan(plan: Walk, counters?: Counters): Document {
  const examined = counters && { keysExamined: counters.keysExamined, seeks: 1, dupsTested: 0, dupsDropped: 0 }
  return stage('IXSCAN', { fields: { ...indexFields(plan), ...examined }, counters, passed: counters?.docsExamined })
}

function countScan(plan: Walk, counters: Counters | undefined): Document {
  const examined = counters && { keysExamined: counters.keysExamined }
  return stage('COUNT_SCAN', { fields: { ...indexFields(plan), ...examined }, counters })
}

function indexFields({ index, bounds, reverse }: Walk): Record<string, unknown> {
  return {
    keyPattern: index.raw.get('key'),
    indexName: index.name,
    ...(index.collation === undefined ? {} : { collation: index.collation.spec }),
    isMultiKey: index.multikey.length > 0,
    multiKeyPaths: multikeyPaths(index),
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partial !== undefined,
    indexVersion: 2,
    direction: directionOf(reverse),
    indexBounds: boundsText(bounds, reverse),
  }
}

function directionOf(reverse: boolean): string {
  return reverse ? 'backward' : 'forward'
}

function multikeyPaths(index: IndexSpec): Document {
  return new Map(
    index.key.map(([path]) => [
      path,
      index.multikey.filter(prefix => path === prefix || path.startsWith(`${prefix}.`)),
    ]),
  )
}

function boundsText({ fields }: IndexPlan['bounds'], reverse: boolean): Document {
  return new Map(
    fields.map(({ path, direction, intervals }) => {
      const way = (direction === 1) === reverse ? -1 : 1
      const texts: Value[] = intervals.map(interval => intervalText(interval, way))
      return [path, way === 1 ? texts : texts.reverse()]
    }),
  )
}

interface Context {
  readonly asked: Asked
  readonly counters: Counters | undefined
}

function sorted(found: Document, plan: Plan, { asked, counters }: Context): Document {
  if (isUnordered(asked) || plan.sorted) return found
  const limit = asked.limit === undefined || asked.limit === 0 ? {} : { limitAmount: asked.limit + (asked.skip ?? 0) }
  const fields = { sortPattern: asked.sort, memLimit: 104857600, ...limit, type: 'simple' }
  return stage('SORT', { fields, input: found, counters })
}

function shaped(found: Document, { plan, asked, counters }: Context & { readonly plan: Plan }): Document {
  let shape = found
  if (asked.skip !== undefined && asked.skip > 0)
    shape = stage('SKIP', { fields: { skipAmount: asked.skip }, input: shape, counters })
  if (asked.projection !== undefined && asked.projection.size > 0)
    shape = stage(projectionStage(asked.projection), {
      fields: { transformBy: asked.projection },
      input: shape,
      counters,
    })
  const limits = asked.limit !== undefined && asked.limit !== 0 && (isUnordered(asked) || plan.sorted)
  return limits ? stage('LIMIT', { fields: { limitAmount: asked.limit }, input: shape, counters }) : shape
}

function projectionStage(projection: Document): string {
  const simple = [...projection].every(
    ([path, value]) => !path.includes('.') && !(value instanceof Map) && typeof value !== 'string',
  )
  return simple ? 'PROJECTION_SIMPLE' : 'PROJECTION_DEFAULT'
}
