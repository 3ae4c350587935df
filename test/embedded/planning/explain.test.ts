// Checks that explain describes plans in MongoDB's shape.
import { expect, test } from 'vitest'
import type { Document } from '../../../src/embedded/bson/decode.ts'
import { document, plainOf } from '../../../src/embedded/bson/literal.ts'
import { indexSpecOf } from '../../../src/embedded/keys/index-spec.ts'
import { explainOf } from '../../../src/embedded/planning/explain.ts'
import { plan } from '../../../src/embedded/planning/planner.ts'
import type { Action, Asked } from '../../../src/embedded/planning/stages.ts'

const indexes = [
  indexSpecOf(document({ key: { _id: 1 }, name: '_id_', unique: true })),
  indexSpecOf(document({ key: { age: 1, name: -1 }, name: 'age_1_name_-1' })),
  { ...indexSpecOf(document({ key: { tags: 1 }, name: 'tags_1' })), multikey: ['tags'] },
]
const counters = { keysExamined: 7, docsExamined: 5, nReturned: 3, milliseconds: 1.2 }

interface Literal {
  readonly filter?: Record<string, unknown>
  readonly sort?: Record<string, unknown>
  readonly projection?: Record<string, unknown>
  readonly skip?: number
  readonly limit?: number
}

function explained({ filter = {}, sort, projection, ...rest }: Literal, action: Action = 'find'): Document {
  const asked: Asked = {
    filter: document(filter),
    ...(sort === undefined ? {} : { sort: document(sort) }),
    ...(projection === undefined ? {} : { projection: document(projection) }),
    ...rest,
  }
  return explainOf({ namespace: 'blog.posts', action, plan: plan(asked, indexes), asked }, counters)
}

function chainOf(stage: unknown): unknown[] {
  const { stage: name, inputStage } = stage as { stage: string; inputStage?: unknown }
  return [name, ...(inputStage === undefined ? [] : chainOf(inputStage))]
}

function winningPlan(query: Literal, action?: Action): Record<string, unknown> {
  const { queryPlanner } = plainOf(explained(query, action)) as {
    queryPlanner: { winningPlan: Record<string, unknown> }
  }
  return queryPlanner.winningPlan
}

test.each([
  ['no condition', {}, 'find', ['COLLSCAN']],
  ['one _id', { filter: { _id: 1 } }, 'find', ['IDHACK']],
  ['several _ids', { filter: { _id: { $in: [1, 2] } } }, 'find', ['FETCH', 'IXSCAN']],
  ['an indexed field', { filter: { age: 3 } }, 'find', ['FETCH', 'IXSCAN']],
  ['a sort without index', { sort: { x: 1 }, limit: 5 }, 'find', ['SORT', 'COLLSCAN']],
  ['a sort by index', { sort: { age: 1 }, limit: 5, skip: 2 }, 'find', ['LIMIT', 'SKIP', 'FETCH', 'IXSCAN']],
  ['a projection', { projection: { age: 1 } }, 'find', ['PROJECTION_SIMPLE', 'COLLSCAN']],
  ['a computed projection', { projection: { x: '$age' } }, 'find', ['PROJECTION_DEFAULT', 'COLLSCAN']],
  ['a covered count', { filter: { age: { $gt: 3 } } }, 'count', ['COUNT', 'COUNT_SCAN']],
  ['a count that reads documents', { filter: { x: 1 } }, 'count', ['COUNT', 'COLLSCAN']],
  ['an update', { filter: { age: 1 } }, 'update', ['UPDATE', 'FETCH', 'IXSCAN']],
] as const)('%s is explained by its stages', (_, query, action, stages) => {
  expect(chainOf(winningPlan(query, action))).toEqual(stages)
})

test('an index scan shows its bounds in the direction of the index', () => {
  const { inputStage } = winningPlan({ filter: { age: 5, name: { $gte: 'a', $lt: 'b' } } })
  expect(inputStage).toMatchObject({
    indexName: 'age_1_name_-1',
    keyPattern: { age: 1, name: -1 },
    direction: 'forward',
    isMultiKey: false,
    multiKeyPaths: { age: [], name: [] },
    indexBounds: { age: ['[5, 5]'], name: ['("b", "a"]'] },
  })
})

test('bounds of types, lists and unbounded fields are written as MongoDB writes them', () => {
  const bounds = (filter: Record<string, unknown>) =>
    (winningPlan({ filter }).inputStage as Record<string, unknown>).indexBounds
  expect(bounds({ age: { $gt: 3 } })).toEqual({ age: ['(3, inf.0]'], name: ['[MaxKey, MinKey]'] })
  expect(bounds({ age: { $in: [2, 1] } })).toMatchObject({ age: ['[1, 1]', '[2, 2]'] })
  expect(bounds({ tags: { $lt: 'x' } })).toEqual({ tags: ['["", "x")'] })
})

test('a multikey index names the paths of its arrays', () => {
  const { inputStage } = winningPlan({ filter: { tags: 'x' } })
  expect(inputStage).toMatchObject({ isMultiKey: true, multiKeyPaths: { tags: ['tags'] } })
})

test('branches of $or are explained side by side', () => {
  const { stage, inputStage } = winningPlan({ filter: { $or: [{ age: 1 }, { tags: 'x' }] } }) as Record<string, never>
  expect([stage, inputStage]).toMatchObject([
    'FETCH',
    { stage: 'OR', inputStages: [{ stage: 'IXSCAN' }, { stage: 'IXSCAN' }] },
  ])
})

test('execution statistics say what was examined', () => {
  expect(plainOf(explained({ filter: { age: 3 } }))).toMatchObject({
    explainVersion: '1',
    queryPlanner: { namespace: 'blog.posts', parsedQuery: { age: { $eq: 3 } }, rejectedPlans: [] },
    executionStats: {
      executionSuccess: true,
      nReturned: 3,
      totalKeysExamined: 7,
      totalDocsExamined: 5,
      executionStages: {
        stage: 'FETCH',
        nReturned: 3,
        docsExamined: 5,
        inputStage: { stage: 'IXSCAN', keysExamined: 7 },
      },
    },
  })
})

test('a collection that is not there is explained as empty', () => {
  const asked = { filter: new Map() }
  const reply = explainOf({ namespace: 'blog.nope', action: 'find', plan: undefined, asked })
  expect(plainOf(reply)).toMatchObject({ queryPlanner: { winningPlan: { stage: 'EOF' } } })
})

test('an equality of an expression with a constant uses an index', () => {
  const filter = { $expr: { $and: [{ $eq: ['$age', 5] }, { $gt: ['$name', 'a'] }] } }
  expect(chainOf(winningPlan({ filter }))).toEqual(['FETCH', 'IXSCAN'])
  expect(chainOf(winningPlan({ filter: { $expr: { $gt: ['$age', 5] } } }))).toEqual(['COLLSCAN'])
})
