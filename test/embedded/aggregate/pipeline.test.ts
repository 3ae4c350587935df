// Tests the rules of stages beyond the fidelity cases.
import { describe, expect, test } from 'vitest'
import { mergeDecision, mergeFilter } from '../../../src/embedded/aggregate/merge.ts'
import type { MergeOutput } from '../../../src/embedded/aggregate/output.ts'
import { compilePipeline } from '../../../src/embedded/aggregate/pipeline.ts'
import { document, plainOf } from '../../../src/embedded/bson/literal.ts'
import { collationOf } from '../../../src/embedded/values/collation.ts'
import { memorySource } from '../../support/memory-source.ts'
import { codeOf, results } from '../../support/pipelines.ts'

const environment = { now: new Date(), source: memorySource(new Map()) }
const compiled = (stages: readonly Record<string, unknown>[]) => compilePipeline(stages.map(document), environment)

describe('what storage can do first', () => {
  test('filter, sort, skip and limit at the beginning are told, with the number of the next stage', () => {
    const { leading } = compiled([
      { $match: { a: 1 } },
      { $match: { b: 2 } },
      { $sort: { c: 1 } },
      { $limit: 3 },
      { $count: 'n' },
    ])
    expect(plainOf(leading.filter!)).toEqual({ $and: [{ a: 1 }, { b: 2 }] })
    expect(plainOf(leading.sort!)).toEqual({ c: 1 })
    expect(leading).toMatchObject({ limit: 3, afterFilter: 2, rest: 4 })
  })

  test('a $skip after $limit is left to the pipeline', () => {
    expect(compiled([{ $limit: 3 }, { $skip: 1 }]).leading).toMatchObject({ limit: 3, rest: 1 })
  })

  test('a group needs only the fields it names', () => {
    const { leading } = compiled([
      { $match: { a: 1 } },
      { $group: { _id: '$b.c', n: { $sum: '$d' } } },
      { $sort: { n: 1 } },
    ])
    expect(leading.fields).toEqual(new Set(['a', 'b', 'd']))
  })

  test('a pipeline that passes documents on needs all fields', () => {
    expect(compiled([{ $match: { a: 1 } }, { $set: { x: '$b' } }]).leading.fields).toBeNull()
  })

  test('the stages after a number run alone', () => {
    const pipeline = compiled([{ $match: { a: 1 } }, { $set: { b: '$a' } }])
    const [made] = pipeline.run([document({ a: 2 })], { from: pipeline.leading.rest })
    expect(plainOf(made!)).toEqual({ a: 2, b: 2 })
  })
})

describe('sorting', () => {
  test('a $sort before a $limit gives what a whole sort would', () => {
    const documents = Array.from({ length: 5000 }, (_, at) => ({ _id: at, v: (at * 7919) % 5003 }))
    const whole = results([{ $sort: { v: -1 } }], documents).slice(3, 8)
    expect(results([{ $sort: { v: -1 } }, { $skip: 3 }, { $limit: 5 }], documents)).toEqual(whole)
  })

  test('equal documents stay as they came', () => {
    const documents = Array.from({ length: 50 }, (_, at) => ({ _id: at, v: at % 2 }))
    const [first, second] = results([{ $sort: { v: 1 } }], documents)
    expect([first, second]).toEqual([
      { _id: 0, v: 0 },
      { _id: 2, v: 0 },
    ])
  })
})

describe('$lookup', () => {
  const people = [{ _id: 1, city: 'A' }, { _id: 2, city: null }, { _id: 3 }, { _id: 4, city: ['A', 'B'] }]
  const cities = [{ _id: 10, name: 'A' }, { _id: 11, name: 'B' }, { _id: 12 }, { _id: 13, name: ['B', 'C'] }]
  const joined = (stage: object) =>
    results([{ $lookup: { from: 'cities', as: 'found', ...stage } }], people, { cities }).map(person =>
      (person as { found: { _id: number }[] }).found.map(({ _id }) => _id),
    )

  test('null and missing join with null and missing, arrays by their elements', () => {
    expect(joined({ localField: 'city', foreignField: 'name' })).toEqual([[10], [12], [12], [10, 11, 13]])
  })

  test('an equality with a variable compares whole values and keeps missing apart from null', () => {
    const pipeline = [{ $match: { $expr: { $eq: ['$name', '$$c'] } } }]
    expect(joined({ let: { c: '$city' }, pipeline })).toEqual([[10], [], [12], []])
  })

  test('variables of an outer $lookup are seen by an inner one', () => {
    const inner = {
      $lookup: {
        from: 'cities',
        let: { n: '$name' },
        as: 'in',
        pipeline: [{ $match: { $expr: { $and: [{ $eq: ['$name', '$$n'] }, { $eq: ['$$n', '$$c'] }] } } }],
      },
    }
    const pipeline = [inner, { $match: { 'in.0': { $exists: true } } }]
    expect(joined({ let: { c: '$city' }, pipeline })).toEqual([[10], [], [12], []])
  })
})

describe('$graphLookup', () => {
  test('a circle of references ends', () => {
    const nodes = [
      { _id: 1, to: 2 },
      { _id: 2, to: 3 },
      { _id: 3, to: 1 },
    ]
    const stage = { from: 'c', startWith: '$to', connectFromField: 'to', connectToField: '_id', as: 'all' }
    const [first] = results([{ $graphLookup: stage }], nodes) as { all: unknown[] }[]
    expect(first?.all).toHaveLength(3)
  })
})

describe('$group', () => {
  test('a collation decides which keys are equal', () => {
    const collation = collationOf(document({ locale: 'en', strength: 2 }))
    const stage = document({ $group: { _id: '$k', n: { $sum: 1 } } })
    const grouped = compilePipeline([stage], { ...environment, collation }).run(
      ['a', 'A', 'b'].map(k => document({ k })),
    )
    expect([...grouped].map(plainOf)).toEqual([
      { _id: 'a', n: 2 },
      { _id: 'b', n: 1 },
    ])
  })

  test('$first gives null where the first document lacks the field', () => {
    expect(results([{ $group: { _id: null, f: { $first: '$a' } } }], [{ _id: 1 }, { _id: 2, a: 5 }])).toEqual([
      { _id: null, f: null },
    ])
  })
})

describe('$setWindowFields', () => {
  test('a window over the documents around is recomputed for each', () => {
    const output = { s: { $sum: '$v', window: { documents: [-1, 1] } } }
    const documents = [1, 2, 3, 4].map(v => ({ _id: v, v }))
    const sums = results([{ $setWindowFields: { sortBy: { v: 1 }, output } }], documents) as { s: number }[]
    expect(sums.map(({ s }) => s)).toEqual([3, 6, 9, 7])
  })

  test('equal documents share a rank', () => {
    const output = { r: { $rank: {} }, d: { $denseRank: {} } }
    const documents = [5, 5, 7].map((v, _id) => ({ _id, v }))
    const ranked = results([{ $setWindowFields: { sortBy: { v: 1 }, output } }], documents) as {
      r: number
      d: number
    }[]
    expect(ranked.map(({ r, d }) => [r, d])).toEqual([
      [1, 1],
      [1, 1],
      [3, 2],
    ])
  })
})

describe('$merge', () => {
  const output = (modes: Partial<MergeOutput>): MergeOutput => ({
    kind: 'merge',
    db: 'test',
    collection: 'o',
    on: ['_id'],
    whenMatched: 'merge',
    whenNotMatched: 'insert',
    ...modes,
  })

  test('merging keeps the fields that the new document lacks', () => {
    const decision = mergeDecision(output({}), document({ _id: 1, a: 1, b: 1 }), document({ _id: 1, b: 2, c: 3 }))
    expect(decision.kind === 'replace' && plainOf(decision.document)).toEqual({ _id: 1, a: 1, b: 2, c: 3 })
  })

  test('a match counts as a duplicate when it must fail', () => {
    const fail = output({ whenMatched: 'fail' })
    expect(codeOf(() => mergeDecision(fail, document({ _id: 1 }), document({ _id: 1 })))).toBe(11000)
  })

  test('a field that identifies documents must have a value', () => {
    expect(codeOf(() => mergeFilter(output({ on: ['k'] }), document({ _id: 1, k: null })))).toBe(51132)
  })
})

describe('refusals', () => {
  test.each(['$changeStream', '$search', '$vectorSearch', '$geoNear'])('%s is refused by name', name => {
    expect(() => compiled([{ [name]: {} }])).toThrow(`the stage ${name} `)
  })

  test('an update takes only stages that change documents', () => {
    expect(codeOf(() => compilePipeline([document({ $match: {} })], environment, 'update'))).toBe(72)
  })

  test('$out and $merge stand last and at the top', () => {
    expect(codeOf(() => compiled([{ $out: 'x' }, { $match: {} }]))).toBe(40601)
    expect(codeOf(() => compiled([{ $facet: { a: [{ $out: 'x' }] } }]))).toBe(40600)
  })
})
