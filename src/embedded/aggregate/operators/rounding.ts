// Rounds numbers: $ceil, $floor, $round, $trunc.
import { Decimal128, Int32 } from 'mongodb'
import { CommandError } from '../../errors.ts'
import {
  decimalFromInteger,
  decimalOf,
  exactDecimal,
  integerPart,
  padded,
  type Rounding,
  roundDecimal,
  storedDecimal,
} from '../../values/decimal.ts'
import { isInt64, isNumber, type NumberValue, narrowest, truncated } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { integerOf } from '../integer.ts'
import { isNullish, type Operator, type OperatorTable, type Result, variadic } from '../operator.ts'
import { numeric } from './arithmetic.ts'

export const rounding: OperatorTable = {
  $ceil: numeric('$ceil', value => whole(value, 'ceiling')),
  $floor: numeric('$floor', value => whole(value, 'floor')),
  $round: toPlace('$round', 'half-even'),
  $trunc: toPlace('$trunc', 'truncate'),
}

function whole(value: NumberValue, direction: 'ceiling' | 'floor'): Result {
  if (typeof value === 'number') return direction === 'floor' ? Math.floor(value) : Math.ceil(value)
  return value instanceof Decimal128 ? rounded(value, { place: 0, direction, name: '' }) : value
}

function toPlace(name: string, direction: Rounding): Operator {
  return variadic(
    values => {
      const [value, place] = values
      if (isNullish(value) || (values.length > 1 && isNullish(place))) return null
      if (!isNumber(value)) throw new CommandError(51081, `${name} only supports numeric types, not ${typeName(value)}`)
      return rounded(value, { place: values.length > 1 ? placeOf(place, name) : 0, direction, name })
    },
    [1, 2],
  )
}

function placeOf(value: Result, name: string): number {
  if (!isNumber(value)) throw new CommandError(16004, `can't convert from BSON type ${typeName(value)} to long`)
  if (truncated(value) === undefined)
    throw new CommandError(31109, `Can't coerce out of range value ${value.toString()} to long`)
  const place = integerOf(value)
  if (place === undefined) throw new CommandError(51082, `precision argument to  ${name} must be a integral value`)
  if (place >= -20 && place <= 100) return place
  throw new CommandError(51083, `cannot apply ${name} with precision value ${place} value must be in [-20, 100]`)
}

interface Place {
  /** how many digits stay behind the point; negative before it */
  readonly place: number
  readonly direction: Rounding
  readonly name: string
}

function rounded(value: NumberValue, { place, direction, name }: Place): Result {
  if (typeof value === 'number') return roundedDouble(value, place, direction)
  if (value instanceof Decimal128)
    return storedDecimal(padded(roundDecimal(decimalOf(value), -place, { rounding: direction }), -place))
  if (place >= 0) return value
  const integer = BigInt(value instanceof Int32 ? value.value : value)
  const result = integerPart(roundDecimal(decimalFromInteger(integer), -place, { rounding: direction })) ?? 0n
  if (isInt64(result)) return value instanceof Int32 ? narrowest(result) : result
  throw new CommandError(
    51080,
    `invalid conversion from Decimal128 result in ${name} resulting from ${value}, ${place}`,
  )
}

/** The double is taken as it is stored, to 34 digits: 2.675 is a little less than it is written. */
function roundedDouble(value: number, place: number, direction: Rounding): number {
  if (!Number.isFinite(value) || value === 0 || (place >= 0 && Number.isInteger(value))) return value
  const decimal = decimalOf(storedDecimal(exactDecimal(value)))
  return Number(storedDecimal(roundDecimal(decimal, -place, { rounding: direction })).toString())
}
