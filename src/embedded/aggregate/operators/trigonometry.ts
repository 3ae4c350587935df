// Computes sines, tangents, their inverses and angles.
import { Decimal128 } from 'mongodb'
import { CommandError } from '../../errors.ts'
import { storedDecimal } from '../../values/decimal.ts'
import {
  arcCosineOf,
  arcSineOf,
  arcTangentOf,
  arcTangentTo,
  areaCosineOf,
  areaSineOf,
  areaTangentOf,
  cosineHyperbolicOf,
  cosineOf,
  degreesOf,
  radiansOf,
  sineHyperbolicOf,
  sineOf,
  tangentHyperbolicOf,
  tangentOf,
} from '../../values/decimal-math.ts'
import { isNumber, toDecimal, toDouble } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { binary, isNullish, type Operator, type OperatorTable, type Result } from '../operator.ts'
import { floating, numeric } from './arithmetic.ts'

interface Range {
  readonly text: string
  holds(value: number): boolean
}

const finite: Range = { text: '(-inf,inf)', holds: value => Number.isFinite(value) }
const unit: Range = { text: '[-1,1]', holds: value => value >= -1 && value <= 1 }
const fromOne: Range = { text: '[1,inf]', holds: value => value >= 1 }
const all: Range = { text: '', holds: () => true }

export const trigonometry: OperatorTable = {
  $acos: within('$acos', { range: unit, double: Math.acos, decimal: arcCosineOf }),
  $acosh: within('$acosh', { range: fromOne, double: Math.acosh, decimal: areaCosineOf }),
  $asin: within('$asin', { range: unit, double: Math.asin, decimal: arcSineOf }),
  $asinh: within('$asinh', { range: all, double: Math.asinh, decimal: areaSineOf }),
  $atan: within('$atan', { range: all, double: Math.atan, decimal: arcTangentOf }),
  $atan2: binary(arcTangent),
  $atanh: within('$atanh', { range: unit, double: Math.atanh, decimal: areaTangentOf }),
  $cos: within('$cos', { range: finite, double: Math.cos, decimal: cosineOf }),
  $cosh: within('$cosh', { range: all, double: Math.cosh, decimal: cosineHyperbolicOf }),
  $degreesToRadians: within('$degreesToRadians', {
    range: all,
    double: degrees => degrees * (Math.PI / 180),
    decimal: radiansOf,
  }),
  $radiansToDegrees: within('$radiansToDegrees', {
    range: all,
    double: radians => radians * (180 / Math.PI),
    decimal: degreesOf,
  }),
  $sin: within('$sin', { range: finite, double: Math.sin, decimal: sineOf }),
  $sinh: within('$sinh', { range: all, double: Math.sinh, decimal: sineHyperbolicOf }),
  $tan: within('$tan', { range: finite, double: Math.tan, decimal: tangentOf }),
  $tanh: within('$tanh', { range: all, double: Math.tanh, decimal: tangentHyperbolicOf }),
}

interface Angular {
  readonly range: Range
  double(value: number): number
  decimal(value: Decimal128): Decimal128
}

function within(name: string, { range, double, decimal }: Angular): Operator {
  return numeric(name, value => {
    const number = toDouble(value)
    if (Number.isNaN(number)) return value
    if (range.holds(number)) return floating(value, double, decimal)
    throw new CommandError(50989, `cannot apply ${name} to ${number}, value must be in ${range.text}`)
  })
}

function arcTangent(y: Result, x: Result): Result {
  if (isNullish(y) || isNullish(x)) return null
  if (!isNumber(y)) throw new CommandError(51044, `$atan2 only supports numeric types, not ${typeName(y)}`)
  if (!isNumber(x)) throw new CommandError(51045, `$atan2 only supports numeric types, not ${typeName(x)}`)
  if (y instanceof Decimal128 || x instanceof Decimal128)
    return arcTangentTo(storedDecimal(toDecimal(y)), storedDecimal(toDecimal(x)))
  return Math.atan2(toDouble(y), toDouble(x))
}
