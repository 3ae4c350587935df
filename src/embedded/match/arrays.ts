// Compiles the operators on arrays: $elemMatch and $all.
import { BSONRegExp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { equalityTest } from './comparison.ts'
import { isOperatorDocument } from './operators.ts'
import { NO_MATCH, type Search, searchAt, type Test } from './path.ts'
import { regexTest } from './regex.ts'
import type { MatchScope } from './scope.ts'

/** Tests one element of an array; gives its index or NO_MATCH. */
export type ElementSearch = (value: Value | undefined) => number

/** Searches for an element that meets all conditions of $elemMatch. */
export function elementSearch(operand: Value, path: string, scope: MatchScope): ElementSearch {
  if (!(operand instanceof Map)) throw new CommandError('BadValue', '$elemMatch needs an Object')
  const element = scope.element()
  const test = isValueForm(operand) ? element.value(operand, path) : documentTest(operand, element)
  return value => {
    if (!Array.isArray(value)) return NO_MATCH
    const index = value.findIndex(test)
    return index < 0 ? NO_MATCH : index
  }
}

/** Compiles $elemMatch at a path; the position it gives is the index of the element. */
export function elementMatch(operand: Value, path: string, scope: MatchScope): Search {
  const search = elementSearch(operand, path, scope)
  let index = NO_MATCH
  const find = searchAt(
    path,
    value => {
      index = search(value)
      return index !== NO_MATCH
    },
    'array',
  )
  return document => {
    const found = find(document)
    return found === NO_MATCH || found >= 0 ? found : index
  }
}

/** Compiles $all into one search for each of its items. */
export function allSearches(operand: Value, path: string, scope: MatchScope): readonly Search[] {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', '$all needs an array')
  if (operand.length === 0) return [() => NO_MATCH]
  const first = operand[0]!
  if (first instanceof Map && first.keys().next().value === '$elemMatch')
    return operand.map(item => elementMatch(elementOperand(item), path, scope))
  return operand.map(item => searchAt(path, itemTest(item, scope)))
}

function isValueForm(operand: Document): boolean {
  const first = operand.keys().next().value
  return isOperatorDocument(operand) && first !== '$and' && first !== '$or' && first !== '$nor' && first !== '$expr'
}

/** An array inside an array is taken as the document of its indexes. */
function documentTest(filter: Document, scope: MatchScope): Test {
  const search = scope.document(filter)
  return value => {
    if (value instanceof Map) return search(value) !== NO_MATCH
    if (!Array.isArray(value)) return false
    return search(new Map(value.map((item, index) => [String(index), item]))) !== NO_MATCH
  }
}

function elementOperand(item: Value): Value {
  const operand = item instanceof Map && item.size === 1 ? item.get('$elemMatch') : undefined
  if (operand === undefined) throw new CommandError('BadValue', '$all/$elemMatch has to be consistent')
  return operand
}

function itemTest(item: Value, scope: MatchScope): Test {
  if (item instanceof BSONRegExp) return regexTest(item)
  if (isOperatorDocument(item)) throw new CommandError('BadValue', 'no $ expressions in $all')
  return equalityTest(item, scope.collation)
}
