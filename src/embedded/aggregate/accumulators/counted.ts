// Reads the arguments `n` and `input` that $firstN, $lastN, $maxN and $minN share.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, truncated } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { integerOf } from '../integer.ts'
import type { Result } from '../operator.ts'

export function countedArguments(argument: Value, name: string): Document {
  return namedArguments(argument, name, {
    required: ['n', 'input'],
    notDocument: name === '$maxN' || name === '$minN' ? 5787900 : 5787801,
    unknown: 5787901,
    missing: { n: 5787906, input: 5787907 },
  })
}

/** Checks `n`: an integer above zero. */
export function countOf(value: Result): number {
  if (!isNumber(value)) {
    throw new CommandError(5787902, `Value for 'n' must be of integral type, but found ${typeName(value)}`)
  }
  if (truncated(value) === undefined)
    throw new CommandError(31109, `Can't coerce out of range value ${value.toString()} to long`)
  const count = integerOf(value)
  if (count === undefined) throw new CommandError(5787903, "Value for 'n' must be of integral type")
  if (count <= 0) throw new CommandError(5787908, `'n' must be greater than 0, found ${count}`)
  return count
}
