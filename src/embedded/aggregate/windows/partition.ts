// Holds the documents of one partition in order, and what window functions ask of them.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import type { Sort } from '../../values/sort.ts'
import { typeName } from '../../values/type-names.ts'
import type { Variables } from '../environment.ts'
import type { Evaluate, Result } from '../operator.ts'

export interface Partition {
  readonly documents: readonly Document[]
  readonly variables: Variables
  /** the order of the whole stage, if there is one */
  readonly order: Sort | undefined
  /** the value of the only sort field, document by document */
  readonly positions: readonly Result[]
}

export function valuesOf(partition: Partition, input: Evaluate): Result[] {
  return partition.documents.map(document => input(document, partition.variables))
}

/** A sort position as a number: milliseconds for dates. */
export function positionNumber(position: Result, name: string): number {
  if (isNumber(position)) return toDouble(position)
  if (position instanceof Date) return position.getTime()
  throw new CommandError(
    5429413,
    `${name} requires the sort field to be a number or a date, found ${typeName(position)}`,
  )
}

/** One result for each document of a partition. */
export interface WindowFunction {
  compute(partition: Partition): (Value | undefined)[]
}
