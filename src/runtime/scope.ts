// Scopes: what every read and bulk write of a model is narrowed by, at one place.

import { GooseError, InvalidFilter } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { checkFilter } from '../models/filter.ts'
import { filterOf, type Plan } from '../models/plan.ts'
import type { DeletedMode } from '../models/plugin.ts'
import { registeredModels } from '../models/registry.ts'
import { settingsOf } from '../models/settings.ts'
import { kindsOf, variantFilter } from '../models/variant.ts'
import { blindFilter } from './blind-filter.ts'

type Filter = Record<string, unknown>
type Stage = Readonly<Record<string, unknown>>

/** Gives the filter of a plan, narrowed by the scopes of its model. */
export function scopedFilter(definition: ModelDefinition, plan: Plan): Filter {
  const filters = [...plan.filters, ...scopesOf(definition, plan.deleted)]
  return blindFilter(definition, filterOf({ ...plan, filters }))
}

/** Gives the filter for one document by its id: scopes hold, but what is marked as deleted can be reached. */
export function scopedById(definition: ModelDefinition, filter: Filter): Filter {
  // The driver would leave it out, and the first document that is there would be written.
  if (filter._id === undefined)
    throw new InvalidFilter({ model: definition.name, reason: '"_id" is undefined', hint: 'give the id of a document' })
  return blindFilter(definition, filterOf({ filters: [filter, ...scopesOf(definition, 'include')] }))
}

/** Gives a pipeline with the scopes first, and inside every join with a collection of a model. */
export function scopedPipeline(
  definition: ModelDefinition,
  pipeline: readonly Stage[],
  deleted: DeletedMode,
): readonly Stage[] {
  const scope = blindFilter(definition, filterOf({ filters: scopesOf(definition, deleted) }))
  const inner = pipeline.map(stage => scopedStage(definition, stage, deleted))
  if (Object.keys(scope).length === 0) return inner
  const [first, ...rest] = inner
  const near = first?.$geoNear as Stage | undefined
  if (near)
    return [{ $geoNear: { ...near, query: filterOf({ filters: [scope, (near.query ?? {}) as Filter] }) } }, ...rest]
  const source = first && Object.keys(first).find(name => sources.has(name))
  if (source)
    throw new GooseError('NOT_SUPPORTED', {
      what: source,
      reason: `${definition.name} has a scope, which must come first`,
      hint: `use ${definition.name}.collection()`,
    })
  return [{ $match: scope }, ...inner]
}

const sources = new Set([
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$collStats',
  '$indexStats',
  '$planCacheStats',
  '$changeStream',
  '$documents',
])

function scopesOf(definition: ModelDefinition, deleted: DeletedMode): readonly Filter[] {
  const own = variantFilter(definition)
  const byPlugins = definition.plugins.flatMap(plugin => {
    const filter = plugin.scope?.({ deleted })
    return filter ? [checkFilter(definition, filter)] : []
  })
  return own ? [own, ...byPlugins] : byPlugins
}

function scopedStage(from: ModelDefinition, stage: Stage, deleted: DeletedMode): Stage {
  const [name] = Object.keys(stage)
  const value = stage[name ?? ''] as Stage
  if (name === '$lookup') return { $lookup: scopedLookup(from, value, deleted) }
  if (name === '$unionWith') return { $unionWith: scopedUnion(from, value, deleted) }
  if (name === '$graphLookup') return { $graphLookup: scopedGraph(from, value, deleted) }
  if (name === '$out' || name === '$merge') refuseWrite(from, name, value)
  if (name === '$facet')
    return {
      $facet: Object.fromEntries(
        Object.entries(value).map(([facet, stages]) => [
          facet,
          (stages as Stage[]).map(inner => scopedStage(from, inner, deleted)),
        ]),
      ),
    }
  return stage
}

// What a pipeline writes past the model is neither audited nor scoped nor encrypted.
function refuseWrite(from: ModelDefinition, name: string, value: unknown): void {
  const into = name === '$merge' ? ((value as Stage).into ?? value) : value
  const target = modelAt(from, typeof into === 'string' ? into : (into as Stage).coll)
  if (!target) return
  const promises = settingsOf(target).audit !== undefined || scopesOf(target, 'exclude').length > 0
  if (promises || kindsOf(target).some(kind => encryptedFields(kind).length > 0))
    throw new GooseError('NOT_SUPPORTED', {
      what: `${name} into "${target.collection}"`,
      reason: `${target.name} has audit, scopes or encrypted fields, which a pipeline would write past`,
      hint: `use ${target.name}.updateMany(), or ${from.name}.collection()`,
    })
}

function scopedLookup(from: ModelDefinition, lookup: Stage, deleted: DeletedMode): Stage {
  const target = modelAt(from, lookup.from)
  const own = (lookup.pipeline ?? []) as readonly Stage[]
  const pipeline = target ? scopedPipeline(target, own, deleted) : own.map(stage => scopedStage(from, stage, deleted))
  return pipeline.length > 0 || lookup.pipeline ? { ...lookup, pipeline } : lookup
}

function scopedUnion(from: ModelDefinition, union: Stage | string, deleted: DeletedMode): Stage | string {
  const { coll, pipeline = [] } = (typeof union === 'string' ? { coll: union } : union) as {
    coll: unknown
    pipeline?: readonly Stage[]
  }
  const target = modelAt(from, coll)
  const scoped = target
    ? scopedPipeline(target, pipeline, deleted)
    : pipeline.map(stage => scopedStage(from, stage, deleted))
  return scoped.length > 0 ? { ...(coll === undefined ? {} : { coll }), pipeline: scoped } : union
}

function scopedGraph(from: ModelDefinition, graph: Stage, deleted: DeletedMode): Stage {
  const target = modelAt(from, graph.from)
  const filters = target ? scopesOf(target, deleted) : []
  if (filters.length === 0) return graph
  return {
    ...graph,
    restrictSearchWithMatch: filterOf({
      filters: [blindFilter(target!, filterOf({ filters })), (graph.restrictSearchWithMatch ?? {}) as Filter],
    }),
  }
}

// A join stays within the database of its model.
function modelAt({ connection }: ModelDefinition, collection: unknown): ModelDefinition | undefined {
  const there = registeredModels().map(({ definition }) => definition)
  return there.find(other => other.collection === collection && other.connection === connection)
}
