// Computes sines, tangents, their inverses and angles.
import { Decimal128 } from 'mongodb'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
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
  $acos: within('$acos', unit, Math.acos),
  $acosh: within('$acosh', fromOne, Math.acosh),
  $asin: within('$asin', unit, Math.asin),
  $asinh: within('$asinh', all, Math.asinh),
  $atan: within('$atan', all, Math.atan),
  $atan2: binary(arcTangent),
  $atanh: within('$atanh', unit, Math.atanh),
  $cos: within('$cos', finite, Math.cos),
  $cosh: within('$cosh', all, Math.cosh),
  $degreesToRadians: within('$degreesToRadians', all, degrees => degrees * (Math.PI / 180)),
  $radiansToDegrees: within('$radiansToDegrees', all, radians => radians * (180 / Math.PI)),
  $sin: within('$sin', finite, Math.sin),
  $sinh: within('$sinh', all, Math.sinh),
  $tan: within('$tan', finite, Math.tan),
  $tanh: within('$tanh', all, Math.tanh),
}

function within(name: string, range: Range, compute: (value: number) => number): Operator {
  return numeric(name, value => {
    const double = toDouble(value)
    if (Number.isNaN(double)) return value
    if (range.holds(double)) return floating(value, compute(double))
    throw new CommandError(50989, `cannot apply ${name} to ${double}, value must be in ${range.text}`)
  })
}

function arcTangent(y: Result, x: Result): Result {
  if (isNullish(y) || isNullish(x)) return null
  if (!isNumber(y)) throw new CommandError(51044, `$atan2 only supports numeric types, not ${typeName(y)}`)
  if (!isNumber(x)) throw new CommandError(51045, `$atan2 only supports numeric types, not ${typeName(x)}`)
  return floating(y instanceof Decimal128 ? y : x, Math.atan2(toDouble(y), toDouble(x)))
}
