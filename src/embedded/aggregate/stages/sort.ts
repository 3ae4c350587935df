// Runs $sort.
import type { Document } from '../../bson.ts'
import { CommandError } from '../../errors.ts'
import { compileSort, type Sort } from '../../sort.ts'
import type { StageOperator } from '../stage.ts'

export const sort: StageOperator = (specification, { environment }) => {
  if (!(specification instanceof Map)) throw new CommandError(15973, 'the $sort key specification must be an object')
  if (specification.size === 0) throw new CommandError(15976, '$sort stage must have at least one sort key')
  const order = compileSort(specification, environment.collation)
  return {
    reads: order.fields,
    push: { kind: 'sort', sort: specification },
    run: function* (input: Iterable<Document>) {
      yield* sorted(input, order)
    },
  }
}

/** All documents in order; equal ones stay as they came. */
export function sorted(input: Iterable<Document>, order: Sort): Document[] {
  const keyed = Array.from(input, document => ({ document, key: order.key(document) }))
  keyed.sort((a, b) => order.compareKeys(a.key, b.key))
  return keyed.map(({ document }) => document)
}
