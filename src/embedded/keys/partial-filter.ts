// Checks that the filter of a partial index uses only what MongoDB lets such a filter use.
import { BSONRegExp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { textOf } from '../values/text.ts'

const OPERATORS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$in', '$type', '$exists'])

/** Refuses operators that a partialFilterExpression may not hold, as CannotCreateIndex. */
export function checkPartialFilter(filter: Document): void {
  for (const [name, value] of filter) {
    if (name === '$and' || name === '$or') checkBranches(name, value)
    else if (name.startsWith('$')) throw unsupported(name, value)
    else checkField(name, value)
  }
}

function checkBranches(name: string, branches: Value): void {
  if (!Array.isArray(branches)) throw new CommandError('BadValue', `${name} must be an array`)
  for (const branch of branches) if (branch instanceof Map) checkPartialFilter(branch)
}

function checkField(path: string, condition: Value): void {
  if (condition instanceof BSONRegExp) throw unsupported(`${path} $regex`, condition)
  if (!(condition instanceof Map)) return
  for (const [operator, operand] of condition) {
    if (!operator.startsWith('$')) return
    const negated = operator === '$exists' && (operand === false || operand === 0)
    if (!OPERATORS.has(operator) || negated) throw unsupported(`${path} ${operator}`, operand)
  }
}

function unsupported(what: string, operand: Value): CommandError {
  return new CommandError('CannotCreateIndex', `Expression not supported in partial index: ${what} ${textOf(operand)}`)
}
