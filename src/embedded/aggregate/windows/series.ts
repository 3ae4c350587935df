// Treats values as a series over time: $derivative, $integral, $expMovingAvg, $linearFill, $locf.
import { Decimal128 } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { storedDecimal } from '../../values/decimal.ts'
import {
  add,
  divide,
  isNaNValue,
  isNumber,
  isZeroNumber,
  multiply,
  type NumberValue,
  subtract,
  toDecimal,
  toDouble,
} from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues } from '../../values/values.ts'
import { Sum } from '../accumulators/sums.ts'
import { lengthOf, type Unit } from '../calendar/units.ts'
import { type Evaluate, isNullish, type Result } from '../operator.ts'
import { difference, quotient } from '../operators/arithmetic.ts'
import { extentsOf, type Window } from './bounds.ts'
import { type Partition, valuesOf, type WindowFunction } from './partition.ts'

export interface Slope {
  readonly input: Evaluate
  readonly window: Window
  readonly unit: Unit | undefined
}

/** The change between the ends of the window, by the distance of their positions. */
export function derivative({ input, window, unit }: Slope): WindowFunction {
  return {
    compute: partition => {
      const values = valuesOf(partition, input)
      const { positions } = partition
      return extentsOf(window, partition).map(({ from, to }) => {
        if (to <= from) return null
        const run = runBetween(positions[from], positions[to - 1], unit)
        const rise = difference(values[to - 1], values[from])
        if (isNullish(rise)) throw new CommandError(5624903, '$derivative input must not be null or missing')
        if (isZeroNumber(run)) return null
        const slope = quotient(rise, run) as NumberValue
        return unit ? multiply(slope, BigInt(lengthOf(unit)!)) : slope
      })
    },
  }
}

function runBetween(first: Result, last: Result, unit: Unit | undefined): NumberValue {
  const dates = [first, last].filter(position => position instanceof Date).length
  if (unit && dates < 2)
    throw new CommandError(5624900, "$derivative with 'unit' expects the sortBy field to be a Date")
  if (!unit && dates > 0) throw new CommandError(5624901, "$derivative where the sortBy is a Date requires an 'unit'")
  if (!unit && !(isNumber(first) && isNumber(last)))
    throw new CommandError(5624902, "$derivative (with no 'unit') expects the sortBy field to be numeric")
  return difference(last, first) as NumberValue
}

/** The area below the values by trapezoids. */
export function integral({ input, window, unit }: Slope): WindowFunction {
  return {
    compute: partition => {
      const points = valuesOf(partition, input).map((y, at) => ({ x: partition.positions[at], y }))
      return extentsOf(window, partition).map(({ from, to }) => {
        const within = points.slice(from, to).map(point => checkedPoint(point, unit))
        if (within.length === 0) return null
        if (within.some(({ x, y }) => isNaNValue(x) || isNaNValue(y))) return Number.NaN
        const area = new Sum()
        for (let at = 1; at < within.length; at++) area.add(trapezoid(within[at - 1]!, within[at]!))
        return unit ? divide(area.result(), lengthOf(unit)!) : area.result()
      })
    },
  }
}

interface Point {
  readonly x: NumberValue | Date
  readonly y: NumberValue
}

function checkedPoint({ x, y }: { x: Result; y: Result }, unit: Unit | undefined): Point {
  if (!isNumber(y) || !(isNumber(x) || x instanceof Date))
    throw new CommandError(
      5423900,
      'The input value of $integral window function must be a vector of 2 value, the first value must be numeric or date type and the second must be numeric.',
    )
  if (unit && !(x instanceof Date))
    throw new CommandError(5423901, "$integral with 'unit' expects the sortBy field to be a Date")
  if (!unit && x instanceof Date)
    throw new CommandError(5423902, "$integral (with no 'unit') expects the sortBy field to be numeric")
  return { x, y }
}

function trapezoid(first: Point, second: Point): NumberValue {
  const width = difference(second.x, first.x) as NumberValue
  return divide(multiply(add(second.y, first.y), width), 2)
}

/** The average is kept as a decimal, and given as one where a decimal came in. */
export function exponentialAverage(input: Evaluate, alpha: NumberValue): WindowFunction {
  const share = storedDecimal(toDecimal(alpha))
  const rest = subtract(int32(1), share)
  return {
    compute: partition => {
      let average: NumberValue | undefined
      let isDecimal = false
      return valuesOf(partition, input).map(value => {
        if (isNumber(value)) {
          isDecimal ||= value instanceof Decimal128
          const decimal = storedDecimal(toDecimal(value))
          average = average === undefined ? decimal : add(multiply(decimal, share), multiply(average, rest))
        }
        if (average === undefined) return null
        return isDecimal ? average : toDouble(average)
      })
    },
  }
}

/** The last value that was neither null nor missing. */
export function lastKnown(input: Evaluate): WindowFunction {
  return {
    compute: partition => {
      let known: Result = null
      return valuesOf(partition, input).map(value => {
        if (!isNullish(value)) known = value
        return known
      })
    },
  }
}

/** Gaps between two known values are filled on a straight line over the positions. */
export function linearFill(input: Evaluate): WindowFunction {
  return {
    compute: partition => {
      const values = valuesOf(partition, input)
      for (const value of values) {
        if (isNumber(value) || isNullish(value)) continue
        throw mismatch(`Value to be filled must be numeric or nullish, but found ${typeName(value)}`)
      }
      checkPositions(partition)
      return values.map((value, at) => (isNullish(value) ? interpolated(values, partition, at) : value))
    },
  }
}

function checkPositions({ positions }: Partition): void {
  for (const [at, position] of positions.entries()) {
    if (!isNumber(position) && !(position instanceof Date))
      throw mismatch(`Value of the sortBy field must be numeric or a date, but found ${typeName(position)}`)
    if (at === 0) continue
    const before = positions[at - 1]!
    if (compareValues(before, position) === 0)
      throw new CommandError(6050106, 'There can be no repeated values in the sort field')
    if (isNumber(before) !== isNumber(position))
      throw mismatch(
        `Conflicting sort value types, previously received type ${typeName(before)}, but found ${typeName(position)}`,
      )
  }
}

function mismatch(message: string): CommandError {
  return new CommandError('TypeMismatch', message)
}

/** The known value before, and the way to the one after it in as many parts as lie between their positions. */
function interpolated(values: readonly Result[], { positions }: Partition, at: number): Result {
  let before = at
  while (before >= 0 && isNullish(values[before])) before--
  let after = at
  while (after < values.length && isNullish(values[after])) after++
  if (before < 0 || after >= values.length) return null
  const [low, high] = [values[before] as NumberValue, values[after] as NumberValue]
  const slope = divide(subtract(high, low), difference(positions[after], positions[before]) as NumberValue)
  return add(low, multiply(difference(positions[at], positions[before]) as NumberValue, slope))
}
