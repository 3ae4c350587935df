// Finds percentiles and medians of numbers, by the value at the rank.

import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import type { Evaluate, Result, Scope } from '../operator.ts'
import type { Tally } from './tally.ts'

export interface Quantiles {
  readonly input: Evaluate
  readonly constant: boolean
  /** from 0 to 1 */
  readonly ranks: readonly number[]
  readonly single: boolean
}

/** Reads the arguments of $median and $percentile. */
export function compileQuantiles(argument: Value, scope: Scope, name: string): Quantiles {
  const single = name === '$median'
  if (!(argument instanceof Map)) {
    throw new CommandError(
      single ? 7436100 : 7429703,
      `specification must be an object; found ${name}: ${typeName(argument)}`,
    )
  }
  checkFields(argument, name, single)
  if (argument.get('method') !== 'approximate') {
    throw new CommandError('BadValue', "Currently only 'approximate' can be used as percentile 'method'.")
  }
  const node = scope.compile(argument.get('input')!)
  const ranks = single ? [0.5] : ranksOf(argument.get('p')!, scope)
  return { input: node.evaluate, constant: node.constant, ranks, single }
}

export class Percentiles implements Tally {
  readonly #quantiles: Quantiles
  readonly #numbers: number[] = []

  constructor(quantiles: Quantiles) {
    this.#quantiles = quantiles
  }

  add(value: Result): void {
    if (isNumber(value) && !Number.isNaN(toDouble(value))) this.#numbers.push(toDouble(value))
  }

  result(): Result {
    const { ranks, single } = this.#quantiles
    const sorted = Float64Array.from(this.#numbers).sort()
    const values = ranks.map(rank => sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? null)
    return single ? values[0]! : values
  }
}

function checkFields(argument: Document, name: string, single: boolean): void {
  const known = single ? ['input', 'method'] : ['input', 'p', 'method']
  for (const key of argument.keys()) {
    if (!known.includes(key)) throw new CommandError(40415, `BSON field '${name}.${key}' is an unknown field.`)
  }
  for (const key of known) {
    if (!argument.has(key)) throw new CommandError(40414, `BSON field '${name}.${key}' is missing but a required field`)
  }
}

function ranksOf(expression: Value, scope: Scope): readonly number[] {
  const node = scope.compile(expression)
  const ranks = node.constant ? node.evaluate(new Map(), new Map()) : undefined
  if (!Array.isArray(ranks) || ranks.length === 0) {
    throw new CommandError(7750301, `The $percentile 'p' field must be an array of constant numbers between 0 and 1`)
  }
  return ranks.map(rank => {
    const number = isNumber(rank) ? toDouble(rank) : Number.NaN
    if (number >= 0 && number <= 1) return number
    throw new CommandError(
      7750303,
      `The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: ${typeName(rank)}`,
    )
  })
}
