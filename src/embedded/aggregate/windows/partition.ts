// Holds the documents of one partition in order, and what window functions ask of them.
import type { Document, Value } from '../../bson/decode.ts'
import type { Sort } from '../../values/sort.ts'
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

/** One result for each document of a partition. */
export interface WindowFunction {
  compute(partition: Partition): (Value | undefined)[]
}
