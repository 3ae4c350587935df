// Runs $lookup: joins by equal fields, by a pipeline with variables, or by both.
import type { Document, Value } from '../../bson/decode.ts'
import { Foreign, joinValues } from '../foreign.ts'
import { parsePath, withValueAt } from '../path.ts'
import {
  bothFields,
  type InnerPipeline,
  NO_FIELDS,
  type StageContext,
  type StageOperator,
  variablesOf,
} from '../stage.ts'
import { type Bindings, bindVariables } from './bindings.ts'
import { correlation } from './correlation.ts'
import { type LookupSpecification, lookupSpecification } from './lookup-specification.ts'

export const lookup: StageOperator = (specification, context) => {
  const given = lookupSpecification(specification, context.environment.source.db)
  const bindings = bindVariables(given.variables, context.environment)
  const inner =
    given.pipeline &&
    context.compilePipeline(given.pipeline, { ...context.environment, variables: bindings.live }, 'lookup')
  const as = parsePath(given.as)
  const local = given.equality && parsePath(given.equality.local)
  return {
    reads: bothFields(local ? new Set([local[0]!]) : NO_FIELDS, bindings.reads),
    run: function* (input: Iterable<Document>) {
      const join = joiner(given, { bindings, inner, local }, context)
      for (const document of input) yield withValueAt(document, as, join(document))
    },
  }
}

interface Parts {
  readonly bindings: Bindings
  readonly inner: InnerPipeline | undefined
  readonly local: readonly string[] | undefined
}

function joiner(
  given: LookupSpecification,
  parts: Parts,
  { environment }: StageContext,
): (document: Document) => Value[] {
  const { bindings, inner, local } = parts
  const { source } = environment
  const origin = { source, db: given.db, collection: given.from ?? '' }
  const foreign = given.from === undefined ? undefined : new Foreign(origin, environment)
  if (local && foreign) {
    const { foreign: path } = given.equality!
    const matching = (document: Document) => foreign.matching(path, orNull(joinValues(document, local)))
    if (!inner) return document => [...matching(document)]
    return document => {
      bindings.bind(document, variablesOf(environment))
      return [...inner.run(matching(document))]
    }
  }
  return pipelineJoiner(given, parts, foreign)
}

/** Without equal fields: candidates by an equality in the pipeline's own $match, else all documents. */
function pipelineJoiner(given: LookupSpecification, { bindings, inner }: Parts, foreign: Foreign | undefined) {
  if (bindings.live.size === 0 && !inner!.stages.includes('$sample')) return sameForAll(inner!, foreign)
  const related = correlation(given.pipeline ?? [])
  return (document: Document): Value[] => {
    bindings.bind(document, bindings.outer)
    if (!foreign) return [...inner!.run([])]
    const value = related && bindings.live.get(related.variable)
    const candidates = related ? foreign.matching(related.path, [value ?? null]) : foreign.all()
    return [...inner!.run(candidates)]
  }
}

/** Without variables the pipeline gives the same for every document, so it runs once. */
function sameForAll(inner: InnerPipeline, foreign: Foreign | undefined): () => Value[] {
  let joined: Value[] | undefined
  return () => {
    joined ??= [...inner.run(foreign ? foreign.found(inner.leading.filter) : [])]
    return joined
  }
}

function orNull(values: readonly Value[]): readonly Value[] {
  return values.length === 0 ? [null] : values
}
