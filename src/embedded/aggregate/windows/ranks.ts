// Numbers documents within their partition: $rank, $denseRank, $documentNumber, and looks aside: $shift.
import type { Value } from '../../bson/decode.ts'
import { narrowest } from '../../values/numbers.ts'
import type { Evaluate } from '../operator.ts'
import { type Partition, valuesOf, type WindowFunction } from './partition.ts'

export const documentNumber: WindowFunction = {
  compute: ({ documents }) => documents.map((_, at) => count(at + 1)),
}

/** Equal documents share a rank; the next one counts all before it. */
export const rank: WindowFunction = {
  compute: partition => {
    let current = 0
    return partition.documents.map((_, at) => {
      if (at === 0 || !isTie(partition, at)) current = at + 1
      return count(current)
    })
  },
}

/** Equal documents share a rank; the next one is one more. */
export const denseRank: WindowFunction = {
  compute: partition => {
    let current = 0
    return partition.documents.map((_, at) => {
      if (at === 0 || !isTie(partition, at)) current++
      return count(current)
    })
  },
}

export interface Shift {
  readonly output: Evaluate
  readonly by: number
  readonly otherwise: Value
}

export function shift({ output, by, otherwise }: Shift): WindowFunction {
  return {
    compute: partition => {
      const values = valuesOf(partition, output)
      return values.map((_, at) => {
        const inside = at + by >= 0 && at + by < values.length
        return inside ? (values[at + by] ?? null) : otherwise
      })
    },
  }
}

function count(number: number): Value {
  return narrowest(BigInt(number))
}

function isTie({ documents, order }: Partition, at: number): boolean {
  return order !== undefined && order.compare(documents[at - 1]!, documents[at]!) === 0
}
