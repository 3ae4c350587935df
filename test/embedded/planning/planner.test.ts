// Checks that plans find what a full scan finds, in the order asked for, by the index one would expect.
import { BSONRegExp } from 'mongodb'
import { expect, test } from 'vitest'
import { type Document, int32, type Value } from '../../../src/embedded/bson/decode.ts'
import { document } from '../../../src/embedded/bson/literal.ts'
import { CommandError } from '../../../src/embedded/errors.ts'
import { indexSpecOf } from '../../../src/embedded/keys/index-spec.ts'
import { compileFilter } from '../../../src/embedded/match/filter.ts'
import type { Plan, Query } from '../../../src/embedded/planning/plan.ts'
import { plan } from '../../../src/embedded/planning/planner.ts'
import { collationOf } from '../../../src/embedded/values/collation.ts'
import { compileSort } from '../../../src/embedded/values/sort.ts'
import { textOf } from '../../../src/embedded/values/text.ts'
import { type MemoryIndex, memoryIndex, recordsOf } from '../../support/memory-index.ts'
import { randomDocument, randomFilter, randomIndex, randomSort } from '../../support/random-queries.ts'
import { type Random, randomFrom } from '../../support/random-values.ts'

const ID_INDEX = document({ key: { _id: 1 }, name: '_id_', unique: true })

interface World {
  readonly documents: readonly Document[]
  readonly indexes: readonly MemoryIndex[]
}

function randomWorld(random: Random): World {
  const documents = Array.from({ length: 60 }, (_, id) => randomDocument(random, id))
  const specs = [ID_INDEX, ...Array.from({ length: 5 }, (_, i) => randomIndex(random, `i${i}`))]
  const built = specs.map(spec => memoryIndex(spec, documents))
  return { documents, indexes: built.filter((index): index is MemoryIndex => !(index instanceof CommandError)) }
}

function randomQuery(random: Random): Query {
  const collation = random() < 0.15 ? collationOf(document({ locale: 'en', strength: 2 })) : undefined
  return { filter: randomFilter(random), sort: random() < 0.4 ? randomSort(random) : undefined, collation }
}

/** Says what is wrong with the answer of a plan; undefined when nothing is. */
function complaint(query: Query, { documents, indexes }: World): { plan: Plan; wrong?: string } | undefined {
  const options = { collation: query.collation }
  let filter: ReturnType<typeof compileFilter>
  try {
    filter = compileFilter(query.filter, options)
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
  const specs = indexes.map(({ spec }) => spec)
  const chosen = plan(query, specs)
  const found = recordsOf(chosen, indexes, documents.length)
  const exact = chosen.kind !== 'scan' && chosen.exact
  const kept = exact ? found : found.filter(record => filter.matches(documents[record]!))
  const wanted = documents.flatMap((doc, record) => (filter.matches(doc) ? [record] : []))
  const text = `${textOf(query.filter)} sort ${textOf(query.sort)} by ${planText(chosen)}`
  if ([...kept].sort((a, b) => a - b).join() !== wanted.join())
    return { plan: chosen, wrong: `${text}: ${difference(kept, wanted).map(record => textOf(documents[record]))}` }
  if (query.sort === undefined || !chosen.sorted) return { plan: chosen }
  const { compare } = compileSort(query.sort, query.collation)
  const disorder = kept.findIndex((record, i) => i > 0 && compare(documents[kept[i - 1]!]!, documents[record]!) > 0)
  if (disorder < 0) return { plan: chosen }
  const pair = [kept[disorder - 1]!, kept[disorder]!].map(record => textOf(documents[record]))
  return { plan: chosen, wrong: `${text}: not in order: ${pair.join(' before ')}` }
}

/** What only one of the two holds. */
function difference(left: readonly number[], right: readonly number[]): number[] {
  return [...left.filter(item => !right.includes(item)), ...right.filter(item => !left.includes(item))].slice(0, 3)
}

function planText(chosen: Plan): string {
  if (chosen.kind === 'scan') return 'scan'
  if (chosen.kind === 'or') return `or(${chosen.plans.map(planText).join()})`
  return `${chosen.kind} ${textOf(chosen.index.raw)} multikey ${chosen.index.multikey} exact ${chosen.exact}`
}

test('plans of 60,000 random queries find the same documents as a scan, in the order asked for', () => {
  const random = randomFrom(11)
  const seen = { scan: 0, id: 0, index: 0, or: 0, exact: 0, sorted: 0 }
  const wrong: string[] = []
  for (let world = 0; world < 600; world++) {
    const state = randomWorld(random)
    for (let i = 0; i < 100; i++) {
      const query = randomQuery(random)
      const result = complaint(query, state)
      if (result === undefined) continue
      if (result.wrong !== undefined) wrong.push(result.wrong)
      seen[result.plan.kind]++
      if (result.plan.kind !== 'scan' && result.plan.exact) seen.exact++
      if (query.sort !== undefined && result.plan.sorted) seen.sorted++
    }
  }
  expect(wrong.slice(0, 5)).toEqual([])
  expect(Math.min(seen.scan, seen.index, seen.or, seen.exact, seen.sorted)).toBeGreaterThan(300)
}, 120_000)

function spec(key: Record<string, 1 | -1>, options: Record<string, unknown> = {}) {
  const name = Object.entries(key).flat().join('_')
  return indexSpecOf(document({ key, name, ...options }))
}

function chosenName(query: Record<string, unknown>, specs: readonly ReturnType<typeof spec>[]): string {
  const { filter = {}, sort, hint } = query
  const chosen = plan(
    {
      filter: document(filter as Record<string, unknown>),
      ...(sort === undefined ? {} : { sort: document(sort as Record<string, unknown>) }),
      ...(hint === undefined ? {} : { hint: document({ hint }).get('hint') as Value }),
    },
    [indexSpecOf(ID_INDEX), ...specs],
  )
  if (chosen.kind === 'scan') return chosen.sorted ? 'scan' : 'scan and sort'
  if (chosen.kind === 'or') return `or ${chosen.plans.map(({ index }) => index.name).join()}`
  return `${chosen.index.name}${chosen.reverse ? ' backwards' : ''}${chosen.sorted ? '' : ' and sort'}`
}

const a = spec({ a: 1 })
const ab = spec({ a: 1, b: -1 })
const b = spec({ b: 1 })
const sparse = spec({ s: 1 }, { sparse: true })
const partial = spec({ p: 1 }, { partialFilterExpression: { p: { $gt: 5 } } })
const wild = indexSpecOf(document({ key: { 'w.$**': 1 }, name: 'w.$**_1' }))
const german = spec({ g: 1 }, { collation: { locale: 'de' } })

test.each([
  ['an _id is looked up', { filter: { _id: 1 } }, '_id_'],
  ['several _ids are looked up', { filter: { _id: { $in: [3, 1] } } }, '_id_'],
  ['equality takes the index', { filter: { a: 1 } }, 'a_1'],
  ['equality on two fields takes the compound index', { filter: { b: 1, a: 1 } }, 'a_1_b_-1'],
  ['a range takes the index', { filter: { b: { $gte: 1, $lt: 5 } } }, 'b_1'],
  ['a prefix takes the index', { filter: { a: new BSONRegExp('^abc') } }, 'a_1'],
  ['no condition on an index looks at all', { filter: { z: 1 } }, 'scan'],
  ['an index sorts', { sort: { b: -1 } }, 'b_1 backwards'],
  ['equality and the next field sort', { filter: { a: 1 }, sort: { b: -1 } }, 'a_1_b_-1'],
  ['a compound index sorts backwards', { sort: { a: -1, b: 1 } }, 'a_1_b_-1 backwards'],
  ['mixed directions are sorted after', { sort: { a: 1, b: 1 } }, 'scan and sort'],
  ['two branches take two indexes', { filter: { $or: [{ a: 1 }, { b: 2 }] } }, 'or a_1,b_1'],
  ['branches on one field are one walk', { filter: { $or: [{ b: 1 }, { b: 2 }] }, sort: { b: 1 } }, 'b_1'],
  ['a branch without an index looks at all', { filter: { $or: [{ a: 1 }, { z: 2 }] } }, 'scan'],
  ['a sparse index does not find null', { filter: { s: null } }, 'scan'],
  ['a sparse index finds values', { filter: { s: 1 } }, 's_1'],
  ['a sparse index does not sort all', { sort: { s: 1 } }, 'scan and sort'],
  ['a partial index finds what its filter holds', { filter: { p: 7 } }, 'p_1'],
  ['a partial index is left alone for more than it holds', { filter: { p: { $gte: 5 } } }, 'scan'],
  ['a path below a wildcard is looked up', { filter: { 'w.x.y': { $gt: 5 } } }, 'w.$**_1'],
  ['null is not, below a wildcard', { filter: { 'w.x': null } }, 'scan'],
  ['nor are documents', { filter: { 'w.x': { a: 1 } } }, 'scan'],
  ['strings of another collation are not looked up', { filter: { g: 'x' } }, 'scan'],
  ['numbers are, whatever the collation', { filter: { g: 5 } }, 'g_1'],
  ['a hint by name decides', { filter: { a: 1 }, hint: 'b_1' }, 'b_1'],
  ['a hint by key decides', { filter: { a: 1 }, hint: { a: 1, b: -1 } }, 'a_1_b_-1'],
  ['a natural hint scans', { filter: { a: 1 }, hint: { $natural: 1 } }, 'scan'],
] as const)('%s', (_, query, wanted) => {
  expect(chosenName(query, [a, ab, b, sparse, partial, wild, german])).toBe(wanted)
})

test('a hint at no index is refused', () => {
  expect(() => plan({ filter: new Map(), hint: 'nope' }, [a])).toThrow(/hint provided does not correspond/)
})

test('min and max bound the walk, and need a hint', () => {
  const query = { filter: new Map(), min: document({ b: 2 }), max: document({ b: 4 }) }
  expect(() => plan(query, [b])).toThrow(/a hint of which index to use must be provided/)
  const documents = [1, 2, 3, 4].map(value => document({ b: value }))
  const index = memoryIndex(document({ key: { b: 1 }, name: 'b_1' }), documents) as MemoryIndex
  const chosen = plan({ ...query, hint: 'b_1' }, [index.spec])
  expect(recordsOf(chosen, [index], 4)).toEqual([1, 2])
  const backwards = { ...query, min: document({ b: 4 }), max: document({ b: 2 }), hint: 'b_1' }
  expect(() => plan(backwards, [index.spec])).toThrow(/does not come before/)
})

test('a hidden index is not used', () => {
  expect(chosenName({ filter: { h: 1 } }, [spec({ h: 1 }, { hidden: true })])).toBe('scan')
})

test('very long values are found by their cut keys', () => {
  const long = 'x'.repeat(4000)
  const documents = [`${long}a`, `${long}b`, 'y', long].map(text => document({ t: text }))
  const index = memoryIndex(document({ key: { t: 1 }, name: 't_1' }), documents) as MemoryIndex
  expect(index.spec.truncated).toBe(true)
  const chosen = plan({ filter: document({ t: `${long}b` }) }, [index.spec])
  expect(chosen).toMatchObject({ kind: 'index', exact: false })
  expect(recordsOf(chosen, [index], 4)).toContain(1)
  expect(plan({ filter: new Map(), sort: document({ t: 1 }) }, [index.spec])).toMatchObject({ kind: 'scan' })
})

test('one condition of several on an array bounds its index', () => {
  const documents = [[1, 10], [4], [6]].map((items, i) => document({ _id: i, t: items.map(int32) }))
  const index = memoryIndex(document({ key: { t: 1 }, name: 't_1' }), documents) as MemoryIndex
  const filter = document({ t: { $gte: 3, $lt: 5 } })
  const found = recordsOf(plan({ filter }, [index.spec]), [index], 3)
  expect(found.filter(record => compileFilter(filter).matches(documents[record]!)).sort()).toEqual([0, 1])
  const element = plan({ filter: document({ t: { $elemMatch: { $gte: 3, $lt: 5 } } }) }, [index.spec])
  expect(recordsOf(element, [index], 3)).toEqual([1])
})

test.each([
  ['one element', { items: { $elemMatch: { sku: 'a', qty: 2 } } }, [1]],
  ['any elements', { 'items.sku': 'a', 'items.qty': 2 }, [0, 1]],
] as const)('conditions on %s bound a compound index of array fields as far as they may', (_, filter, wanted) => {
  const orders = [
    [
      ['a', 1],
      ['b', 2],
    ],
    [['a', 2]],
    [['b', 2]],
  ]
  const documents = orders.map(items => document({ items: items.map(([sku, qty]) => ({ sku, qty })) }))
  const index = memoryIndex(document({ key: { 'items.sku': 1, 'items.qty': 1 }, name: 'i' }), documents) as MemoryIndex
  expect(recordsOf(plan({ filter: document(filter) }, [index.spec]), [index], 3)).toEqual(wanted)
})
