// Compares values in expressions: $eq, $lt, $cmp and the like, over all types.
import { int32 } from '../../bson/decode.ts'
import { compareValues, equalValues } from '../../values/values.ts'
import { binary, type Operator, type OperatorTable } from '../operator.ts'

export const comparisons: OperatorTable = {
  $cmp: binary((first, second, { collation }) => int32(Math.sign(compareValues(first, second, collation)))),
  $eq: binary((first, second, { collation }) => equalValues(first, second, collation)),
  $ne: binary((first, second, { collation }) => !equalValues(first, second, collation)),
  $gt: ordered(order => order > 0),
  $gte: ordered(order => order >= 0),
  $lt: ordered(order => order < 0),
  $lte: ordered(order => order <= 0),
}

function ordered(holds: (order: number) => boolean): Operator {
  return binary((first, second, { collation }) => holds(compareValues(first, second, collation)))
}
