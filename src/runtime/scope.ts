// Scopes: what every read and bulk write of a model is narrowed by, at one place.

import { GooseError, InvalidFilter } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { checkFilter } from '../models/filter.ts'
import { filterOf, type Plan } from '../models/plan.ts'
import type { DeletedMode } from '../models/plugin.ts'
import { registeredModels } from '../models/registry.ts'
import { variantFilter } from '../models/variant.ts'
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
  const scope = filterOf({ filters: scopesOf(definition, deleted) })
  const inner = pipeline.map(stage => scopedStage(stage, deleted))
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

function scopedStage(stage: Stage, deleted: DeletedMode): Stage {
  const [name] = Object.keys(stage)
  const value = stage[name ?? ''] as Stage
  if (name === '$lookup') return { $lookup: scopedLookup(value, deleted) }
  if (name === '$unionWith') return { $unionWith: scopedUnion(value, deleted) }
  if (name === '$graphLookup') return { $graphLookup: scopedGraph(value, deleted) }
  if (name === '$facet')
    return {
      $facet: Object.fromEntries(
        Object.entries(value).map(([facet, stages]) => [
          facet,
          (stages as Stage[]).map(inner => scopedStage(inner, deleted)),
        ]),
      ),
    }
  return stage
}

function scopedLookup(lookup: Stage, deleted: DeletedMode): Stage {
  const target = modelAt(lookup.from)
  const own = (lookup.pipeline ?? []) as readonly Stage[]
  const pipeline = target ? scopedPipeline(target, own, deleted) : own.map(stage => scopedStage(stage, deleted))
  return pipeline.length > 0 || lookup.pipeline ? { ...lookup, pipeline } : lookup
}

function scopedUnion(union: Stage | string, deleted: DeletedMode): Stage | string {
  const { coll, pipeline = [] } = (typeof union === 'string' ? { coll: union } : union) as {
    coll: unknown
    pipeline?: readonly Stage[]
  }
  const target = modelAt(coll)
  const scoped = target ? scopedPipeline(target, pipeline, deleted) : pipeline.map(stage => scopedStage(stage, deleted))
  return scoped.length > 0 ? { ...(coll === undefined ? {} : { coll }), pipeline: scoped } : union
}

function scopedGraph(graph: Stage, deleted: DeletedMode): Stage {
  const target = modelAt(graph.from)
  const filters = target ? scopesOf(target, deleted) : []
  if (filters.length === 0) return graph
  return {
    ...graph,
    restrictSearchWithMatch: filterOf({ filters: [...filters, (graph.restrictSearchWithMatch ?? {}) as Filter] }),
  }
}

function modelAt(collection: unknown): ModelDefinition | undefined {
  return registeredModels().find(entry => entry.definition.collection === collection)?.definition
}
