// Plans a search, runs it where that is asked for, and says what was found how.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import type { Operation } from '../operation/room.ts'
import { VERSION } from '../operation/version.ts'
import { pipelineOfFind } from '../operation/views.ts'
import { explainOf } from '../planning/explain.ts'
import type { Action, Counters } from '../planning/stages.ts'
import { countFound } from './count.ts'
import { type FindAsked, inOrder } from './find.ts'
import { type Search, searchOf } from './search.ts'

export interface Explaining {
  readonly action: Action
  readonly asked: FindAsked
  readonly isExecuted: boolean
}

export function explained(operation: Operation, name: string, { action, asked, isExecuted }: Explaining): Document {
  const { request, room, data } = operation
  const collection = room.catalog.collection(data, request.db, name)
  if (collection?.view)
    throw new CommandError(
      'CommandNotSupportedOnView',
      `explain ${request.name} on a view; explain an aggregate with ${pipelineOfFind(request.body).length} more stages instead`,
    )
  const collated = { ...asked, collation: asked.collation ?? collection?.collation }
  const search = searchOf(data, collection, { asked: collated })
  const counters = isExecuted ? measured(search, action, collated) : undefined
  const plan = collection ? search.plan : undefined
  const shown = { ...collated, limit: Number.isFinite(asked.limit) ? asked.limit : undefined }
  const namespace = `${request.db}.${name}`
  return completed(operation, explainOf({ namespace, action, plan, asked: shown }, counters))
}

function measured(search: Search, action: Action, asked: FindAsked): Counters {
  const start = performance.now()
  const found = action === 'count' ? countFound(search, Number.POSITIVE_INFINITY) : countOf(inOrder(search, asked))
  return {
    keysExamined: search.walk.examined.keys,
    docsExamined: search.walk.examined.documents,
    ...(action === 'find' ? { nReturned: found } : { nReturned: 0, found }),
    milliseconds: performance.now() - start,
  }
}

function countOf(found: Iterable<unknown>): number {
  let count = 0
  for (const _ of found) count++
  return count
}

/** Adds what explain says beside the plan. */
export function completed({ request, room }: Operation, reply: Document): Document {
  const command: Document = new Map(request.body)
  const server = document({ host: room.address, port: int32(0), version: VERSION, gitVersion: 'goose-embedded' })
  return reply.set('command', command.set('$db', request.db as Value)).set('serverInfo', server)
}
