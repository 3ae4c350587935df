// Explains a pipeline: how its first stages find documents, and the stages that follow.
import type { Document, Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { Operation } from '../operation/room.ts'
import { explainOf } from '../planning/explain.ts'
import type { Counters } from '../planning/stages.ts'
import { completed } from '../query/explanation.ts'
import { leadingOf } from '../query/source.ts'
import { type Prepared, prepare } from './aggregate.ts'

export function explainPipeline(
  operation: Operation,
  name: string | undefined,
  { isExecuted }: { readonly isExecuted: boolean },
): Document {
  const stages = (operation.request.body.get('pipeline') ?? []) as Value[]
  const prepared = prepare(operation, name, stages)
  const cursor = cursorOf(
    operation,
    prepared,
    isExecuted ? executed(operation, prepared) : planned(operation, prepared),
  )
  const rest = prepared.pipeline.stages.length - prepared.pipeline.leading.rest
  if (rest === 0) return completed(operation, cursor)
  const all = [new Map([['$cursor', cursor]]), ...stages.slice(stages.length - rest)]
  return completed(operation, document({ explainVersion: '1' }).set('stages', all))
}

function inputOf({ request }: Operation, { source, below, pipeline }: Prepared): Iterable<Document> {
  return below === undefined ? [] : source.documents(request.db, below, leadingOf(pipeline.leading))
}

/** The plan is there once the first document is asked for. */
function planned(operation: Operation, prepared: Prepared): undefined {
  for (const _ of inputOf(operation, prepared)) return undefined
}

function executed(operation: Operation, prepared: Prepared): Counters {
  const { pipeline, source } = prepared
  const start = performance.now()
  let nReturned = 0
  const input = inputOf(operation, prepared)
  for (const _ of pipeline.output ? input : pipeline.run(input, { from: pipeline.leading.rest })) nReturned++
  const { keys = 0, documents = 0 } = source.search?.walk.examined ?? {}
  return { keysExamined: keys, docsExamined: documents, nReturned, milliseconds: performance.now() - start }
}

function cursorOf(
  { request, room, data }: Operation,
  { pipeline, source, below }: Prepared,
  counters: Counters | undefined,
): Document {
  const exists = below !== undefined && room.catalog.collection(data, request.db, below) !== undefined
  const asked = { ...pipeline.leading, filter: pipeline.leading.filter ?? new Map() }
  const plan = exists ? source.search?.plan : undefined
  return explainOf({ namespace: `${request.db}.${below ?? '$cmd.aggregate'}`, action: 'find', plan, asked }, counters)
}
