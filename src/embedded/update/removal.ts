// Implements $pull, $pullAll and $pop.
import { BSONRegExp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileFilter } from '../match/filter.ts'
import { isOperatorDocument } from '../match/operators.ts'
import type { Collation } from '../values/collation.ts'
import { integerOf, isNumber } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import { typeName } from '../values/type-names.ts'
import { equalValues } from '../values/values.ts'
import type { Change, Operator } from './change.ts'

export const pull: Operator = (operand, { collation }) => removing(pullTest(operand, collation))

export const pullAll: Operator = (operand, { collation }) => {
  if (!Array.isArray(operand))
    throw new CommandError('BadValue', `$pullAll requires an array argument but was given a ${typeName(operand)}`)
  return removing(value => operand.some(item => equalValues(value, item, collation)))
}

export const pop: Operator = (operand, { path }) => {
  if (!isNumber(operand)) throw new CommandError('FailedToParse', `Expected a number in: ${path}: ${textOf(operand)}`)
  const end = integerOf(operand)
  if (end !== 1n && end !== -1n)
    throw new CommandError('FailedToParse', `$pop expects 1 or -1, found: ${textOf(operand)}`)
  return {
    absent: 'check',
    existing: (value, place) => {
      if (!Array.isArray(value))
        throw new CommandError(
          'TypeMismatch',
          `Path '${place.path}' contains an element of non-array type '${typeName(value)}'`,
        )
      if (value.length === 0) return value
      return end === 1n ? value.slice(0, -1) : value.slice(1)
    },
    missing: () => undefined,
  }
}

function removing(isRemoved: (value: Value) => boolean): Change {
  return {
    absent: 'check',
    existing: value => {
      if (!Array.isArray(value)) throw new CommandError('BadValue', 'Cannot apply $pull to a non-array value')
      const kept = value.filter(item => !isRemoved(item))
      return kept.length === value.length ? value : kept
    },
    missing: () => undefined,
  }
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr'])

/** Operators and regular expressions are asked of the element, other documents of its fields. */
function pullTest(operand: Value, collation: Collation | undefined): (value: Value) => boolean {
  if (operand instanceof BSONRegExp || isValueCondition(operand)) {
    const filter = compileFilter(new Map([['', operand]]), { collation })
    return value => filter.matches(new Map([['', value]]))
  }
  if (!(operand instanceof Map)) return value => equalValues(value, operand, collation)
  const filter = compileFilter(operand, { collation })
  return value => value instanceof Map && filter.matches(value)
}

function isValueCondition(operand: Value): operand is Document {
  return isOperatorDocument(operand) && !LOGICAL.has(operand.keys().next().value!)
}
