// Runs $sort; with a limit behind it, only the first documents are kept on the way.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileSort, type Sort } from '../../values/sort.ts'
import { integerOf } from '../integer.ts'
import type { StageOperator } from '../stage.ts'

export const sort: StageOperator = (specification, { environment, following }) => {
  if (!(specification instanceof Map)) throw new CommandError(15973, 'the $sort key specification must be an object')
  if (specification.size === 0) throw new CommandError(15976, '$sort stage must have at least one sort key')
  const order = compileSort(specification, environment.collation)
  const most = neededOf(following)
  return {
    reads: order.fields,
    push: { kind: 'sort', sort: specification },
    run: function* (input: Iterable<Document>) {
      yield* sorted(input, order, most)
    },
  }
}

type Keyed = { readonly document: Document; readonly key: ReturnType<Sort['key']> }

/** The documents in order, equal ones as they came; no more than are needed. */
function* sorted(input: Iterable<Document>, order: Sort, most: number): Iterable<Document> {
  const compare = (a: Keyed, b: Keyed) => order.compareKeys(a.key, b.key)
  let kept: Keyed[] = []
  for (const document of input) {
    kept.push({ document, key: order.key(document) })
    if (kept.length >= 2 * most + 1000) kept = kept.sort(compare).slice(0, most)
  }
  kept.sort(compare)
  for (const { document } of kept) yield document
}

/** How many documents a $limit, perhaps after $skip, takes of those that are sorted. */
function neededOf(following: readonly Value[]): number {
  const [next, after] = following
  const skipped = numberIn(next, '$skip') ?? 0
  const limited = numberIn(skipped > 0 ? after : next, '$limit')
  return limited === undefined ? Number.POSITIVE_INFINITY : skipped + limited
}

function numberIn(stage: Value | undefined, name: string): number | undefined {
  return stage instanceof Map ? integerOf(stage.get(name)) : undefined
}
