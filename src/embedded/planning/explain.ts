// Answers explain: the plan of a command and, when asked, what its execution examined.
import { BSONRegExp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { Plan } from './plan.ts'
import { type Action, type Asked, type Counters, stagesOf } from './stages.ts'

export interface Explained {
  /** database and collection, joined by a dot */
  readonly namespace: string
  readonly action: Action
  /** undefined where there is no such collection */
  readonly plan: Plan | undefined
  readonly asked: Asked
}

/** Gives the fields of explain's reply up to the command; with counters also executionStats. */
export function explainOf(explained: Explained, counters?: Counters): Document {
  const reply = document({ explainVersion: '1', queryPlanner: queryPlanner(explained) })
  if (counters !== undefined) reply.set('executionStats', executionStats(explained, counters))
  return reply
}

function queryPlanner(explained: Explained): Document {
  return document({
    namespace: explained.namespace,
    parsedQuery: parsedQuery(explained.asked.filter),
    indexFilterSet: false,
    maxIndexedOrSolutionsReached: false,
    maxIndexedAndSolutionsReached: false,
    maxScansToExplodeReached: false,
    winningPlan: treeOf(explained),
    rejectedPlans: [],
  })
}

function treeOf({ plan, asked, action }: Explained, counters?: Counters): Document {
  return plan === undefined
    ? document({ stage: 'EOF', ...(counters && { nReturned: 0 }) })
    : stagesOf(plan, asked, { action, counters })
}

function executionStats(explained: Explained, counters: Counters): Document {
  return document({
    executionSuccess: true,
    nReturned: counters.nReturned,
    executionTimeMillis: Math.round(counters.milliseconds),
    totalKeysExamined: counters.keysExamined,
    totalDocsExamined: counters.docsExamined,
    executionStages: treeOf(explained, counters),
  })
}

/** The filter with its equalities and its conjunction written out. */
function parsedQuery(filter: Document): Document {
  const parts = [...filter].map(
    ([name, value]): Document => new Map([[name, name.startsWith('$') ? value : operators(value)]]),
  )
  return parts.length > 1 ? new Map([['$and', parts]]) : (parts[0] ?? new Map())
}

function operators(value: Value): Value {
  if (value instanceof BSONRegExp) return document({ $regex: value })
  const isOperators = value instanceof Map && value.keys().next().value?.startsWith('$') === true
  return isOperators ? value : new Map([['$eq', value]])
}
