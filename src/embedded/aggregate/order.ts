// Orders the elements of an array, by themselves or by fields of documents.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileSort } from '../values/sort.ts'
import { compareValues } from '../values/values.ts'
import type { Environment } from './environment.ts'
import { integerOf } from './integer.ts'

const noFields: Document = new Map()

/** Compiles `sortBy` of $sortArray: 1 or -1, or a sort specification. */
export function compileElementOrder(sortBy: Value, { collation }: Environment): (a: Value, b: Value) => number {
  if (sortBy instanceof Map) {
    for (const direction of sortBy.values()) checkDirection(direction)
    if (sortBy.size === 0)
      throw new CommandError('BadValue', 'The $sort pattern is empty when it should be a set of fields.')
    const sort = compileSort(sortBy, collation)
    return (a, b) => sort.compare(a instanceof Map ? a : noFields, b instanceof Map ? b : noFields)
  }
  if (checkDirection(sortBy) === 1) return (a, b) => compareValues(a, b, collation)
  return (a, b) => compareValues(b, a, collation)
}

function checkDirection(value: Value): 1 | -1 {
  const direction = integerOf(value)
  if (direction === 1 || direction === -1) return direction
  throw new CommandError('BadValue', 'The $sort element value must be either 1 or -1')
}
