// Rounds numbers: $ceil, $floor, $round, $trunc.
import { Decimal128, Int32 } from 'mongodb'
import { CommandError } from '../../errors.ts'
import {
  decimalOf,
  exactDecimal,
  integerPart,
  type Rounding,
  roundDecimal,
  storedDecimal,
} from '../../values/decimal.ts'
import { isNumber, type NumberValue, narrowest, truncated } from '../../values/numbers.ts'
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
  return value instanceof Decimal128 ? rounded(value, 0, direction) : value
}

function toPlace(name: string, direction: Rounding): Operator {
  return variadic(
    values => {
      const [value, place] = values
      if (isNullish(value) || (values.length > 1 && isNullish(place))) return null
      if (!isNumber(value)) throw new CommandError(51081, `${name} only supports numeric types, not ${typeName(value)}`)
      return rounded(value, values.length > 1 ? placeOf(place, name) : 0, direction)
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

function rounded(value: NumberValue, place: number, direction: Rounding): Result {
  if (value instanceof Decimal128) {
    return storedDecimal(roundDecimal(decimalOf(value), -place, { rounding: direction }))
  }
  if (typeof value === 'number') return roundedDouble(value, place, direction)
  if (place >= 0) return value
  const integer = BigInt(value instanceof Int32 ? value.value : value)
  const result = integerPart(roundDecimal(wholeDecimal(integer), -place, { rounding: direction })) ?? 0n
  return value instanceof Int32 ? narrowest(result) : BigInt.asIntN(64, result)
}

function roundedDouble(value: number, place: number, direction: Rounding): number {
  if (!Number.isFinite(value) || value === 0 || (place >= 0 && Number.isInteger(value))) return value
  const decimal = place === 0 ? exactDecimal(value) : shortestDecimal(value)
  return Number(storedDecimal(roundDecimal(decimal, -place, { rounding: direction })).toString())
}

/** 2.675 is taken as written, not as the slightly smaller double it is stored as. */
function shortestDecimal(value: number) {
  return decimalOf(Decimal128.fromString(String(value)))
}

function wholeDecimal(integer: bigint) {
  return decimalOf(Decimal128.fromString(integer.toString()))
}
