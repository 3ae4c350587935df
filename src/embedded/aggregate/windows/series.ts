// Treats values as a series over time: $derivative, $integral, $expMovingAvg, $linearFill, $locf.
import { Decimal128 } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { storedDecimal } from '../../values/decimal.ts'
import { add, isNumber, multiply, type NumberValue, subtract, toDecimal, toDouble } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { lengthOf, type Unit } from '../calendar/units.ts'
import { type Evaluate, isNullish, type Result } from '../operator.ts'
import { extentsOf, type Window } from './bounds.ts'
import { type Partition, positionNumber, valuesOf, type WindowFunction } from './partition.ts'

export interface Slope {
  readonly name: '$derivative' | '$integral'
  readonly input: Evaluate
  readonly window: Window
  readonly unit: Unit | undefined
}

/** The change between the ends of the window, by the distance of their positions. */
export function derivative(slope: Slope): WindowFunction {
  return {
    compute: partition => {
      const values = valuesOf(partition, slope.input)
      const times = timesOf(partition, slope)
      return extentsOf(slope.window, partition).map(({ from, to }) => {
        const last = to - 1
        if (last <= from) return null
        const [first, end] = [values[from], values[last]]
        if (isNullish(first) || isNullish(end)) return null
        const distance = times[last]! - times[from]!
        return distance === 0 ? null : (numberOf(end, slope) - numberOf(first, slope)) / distance
      })
    },
  }
}

/** The area below the values by trapezoids. */
export function integral(slope: Slope): WindowFunction {
  return {
    compute: partition => {
      const values = valuesOf(partition, slope.input)
      const times = timesOf(partition, slope)
      return extentsOf(slope.window, partition).map(({ from, to }) => {
        if (to <= from || values.slice(from, to).some(isNullish)) return null
        if (to - from === 1) return slope.unit ? 0 : int32(0)
        let area = 0
        for (let at = from + 1; at < to; at++) {
          area += ((numberOf(values[at], slope) + numberOf(values[at - 1], slope)) / 2) * (times[at]! - times[at - 1]!)
        }
        return area
      })
    },
  }
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
        if (!isNumber(value)) return average === undefined ? null : isDecimal ? average : toDouble(average)
        isDecimal ||= value instanceof Decimal128
        const isFirst = average === undefined
        average =
          average === undefined ? storedDecimal(toDecimal(value)) : add(multiply(value, share), multiply(average, rest))
        if (isFirst) return value
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
      const times = partition.positions.map(position => positionNumber(position, '$linearFill'))
      for (let at = 1; at < times.length; at++) {
        if (times[at] === times[at - 1])
          throw new CommandError(6050106, 'There can be no repeated values in the sort field')
      }
      return values.map((value, at) => (isNullish(value) ? interpolated(values, times, at) : value))
    },
  }
}

function interpolated(values: readonly Result[], times: readonly number[], at: number): Result {
  let before = at
  while (before >= 0 && isNullish(values[before])) before--
  let after = at
  while (after < values.length && isNullish(values[after])) after++
  if (before < 0 || after >= values.length) return null
  const [low, high] = [values[before], values[after]]
  if (!isNumber(low) || !isNumber(high))
    throw new CommandError('TypeMismatch', 'Value to be filled must be numeric or nullish')
  const share = (times[at]! - times[before]!) / (times[after]! - times[before]!)
  return toDouble(low) + (toDouble(high) - toDouble(low)) * share
}

function numberOf(value: Result, { name }: Slope): number {
  if (isNumber(value)) return toDouble(value)
  if (value instanceof Date) return value.getTime()
  throw new CommandError(5423900, `The input of ${name} must be a number, found ${typeName(value)}`)
}

/** The positions in the wanted unit. */
function timesOf({ positions }: Partition, { name, unit }: Slope): number[] {
  const length = unit ? lengthOf(unit)! : 1
  return positions.map(position => {
    if (unit && !(position instanceof Date))
      throw new CommandError(5624900, `${name} with 'unit' expects the sortBy field to be a Date`)
    if (!unit && position instanceof Date)
      throw new CommandError(5624901, `${name} where the sortBy is a Date requires a 'unit'`)
    return positionNumber(position, name) / length
  })
}
