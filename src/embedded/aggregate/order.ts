// Orders the elements of an array, by themselves or by fields of documents.
import type { Document, Value } from '../bson.ts'
import { CommandError } from '../errors.ts'
import { compileSort } from '../sort.ts'
import { compareValues } from '../values.ts'
import type { Environment } from './environment.ts'
import { integerOf } from './integer.ts'

const noFields: Document = new Map()

/** Compiles `sortBy` of $sortArray: 1 or -1, or a sort specification. */
export function compileElementOrder(sortBy: Value, { collation }: Environment): (a: Value, b: Value) => number {
  if (sortBy instanceof Map) {
    const sort = compileSort(sortBy, collation)
    return (a, b) => sort.compare(a instanceof Map ? a : noFields, b instanceof Map ? b : noFields)
  }
  const direction = integerOf(sortBy)
  if (direction === 1) return (a, b) => compareValues(a, b, collation)
  if (direction === -1) return (a, b) => compareValues(b, a, collation)
  throw new CommandError(2942507, '$sortArray: sortBy must be a sort specification, or 1 or -1')
}
