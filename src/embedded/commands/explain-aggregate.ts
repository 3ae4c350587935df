// Explains a pipeline: how its first stages find documents, and the stages that follow.
import type { Document, Value } from '../bson.ts'
import { completed } from '../explanation.ts'
import { document } from '../literal.ts'
import { explainOf } from '../planning/explain.ts'
import type { Counters } from '../planning/stages.ts'
import { leadingOf } from '../query/source.ts'
import type { Operation } from '../room.ts'
import { prepare } from './aggregate.ts'

export function explainPipeline(
  operation: Operation,
  name: string | undefined,
  { isExecuted }: { readonly isExecuted: boolean },
): Document {
  const { request, room, data } = operation
  const stages = (request.body.get('pipeline') ?? []) as Value[]
  const { pipeline, source, below } = prepare(operation, name, stages)
  const { leading } = pipeline
  const start = performance.now()
  const input = below === undefined ? [] : source.documents(request.db, below, leadingOf(leading))
  const found = numberOf(isExecuted && !pipeline.output ? pipeline.run(input, { from: leading.rest }) : [])
  if (!source.search) for (const _ of input) break
  const counters: Counters | undefined = isExecuted
    ? {
        keysExamined: source.search?.walk.examined.keys ?? 0,
        docsExamined: source.search?.walk.examined.documents ?? 0,
        nReturned: found,
        milliseconds: performance.now() - start,
      }
    : undefined
  const exists = below !== undefined && room.catalog.collection(data, request.db, below) !== undefined
  const asked = { ...leading, filter: leading.filter ?? new Map() }
  const plan = exists ? source.search?.plan : undefined
  const namespace = `${request.db}.${below ?? '$cmd.aggregate'}`
  const cursor = explainOf({ namespace, action: 'find', plan, asked }, counters)
  const rest = pipeline.stages.length - leading.rest
  if (rest === 0) return completed(operation, cursor)
  const following = stages.slice(stages.length - rest)
  return completed(
    operation,
    document({ explainVersion: '1' }).set('stages', [new Map([['$cursor', cursor]]), ...following]),
  )
}

function numberOf(documents: Iterable<Document>): number {
  let count = 0
  for (const _ of documents) count++
  return count
}
