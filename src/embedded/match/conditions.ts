// Compiles what a filter demands of one path into searches.
import { BSONRegExp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { allSearches, elementMatch, elementSearch } from './arrays.ts'
import { equalityTest } from './comparison.ts'
import { condition, isOperatorDocument } from './operators.ts'
import { MATCH, NO_MATCH, type Search, searchAt, type Test } from './path.ts'
import { regexOperand, regexTest } from './regex.ts'
import type { MatchScope } from './scope.ts'

/** Compiles `path: operand` of a filter: an equality, a regular expression or operators. */
export function pathSearches(path: string, operand: Value, scope: MatchScope): readonly Search[] {
  scope.reads(path)
  if (operand instanceof BSONRegExp) return [searchAt(path, regexTest(operand))]
  if (!isOperatorDocument(operand)) return [searchAt(path, equalityTest(operand, scope.collation))]
  const searches: Search[] = []
  for (const [operator, value] of operand) searches.push(...operatorSearches(operator, value, { path, scope, operand }))
  return searches
}

/** Compiles operators into one test of a value by itself, as $elemMatch needs for elements. */
export function valueTest(conditions: Document, path: string, scope: MatchScope): Test {
  const tests: Test[] = []
  for (const [operator, operand] of conditions)
    tests.push(...operatorTests(operator, operand, { path, scope, conditions }))
  if (tests.length === 1) return tests[0]!
  return value => tests.every(test => test(value))
}

/** Gives the opposite of a search, which never has a position. */
export function not(search: Search): Search {
  return document => (search(document) === NO_MATCH ? MATCH : NO_MATCH)
}

/** Demands all searches; the last position found counts. */
export function both(searches: readonly Search[]): Search {
  if (searches.length === 1) return searches[0]!
  return document => {
    let position = MATCH
    for (const search of searches) {
      const found = search(document)
      if (found === NO_MATCH) return NO_MATCH
      if (found >= 0) position = found
    }
    return position
  }
}

interface Place {
  readonly path: string
  readonly scope: MatchScope
  readonly operand: Document
}

function operatorSearches(operator: string, value: Value, { path, scope, operand }: Place): readonly Search[] {
  if (operator === '$options') return optionsAlone(operand)
  if (operator === '$not') return [not(both(pathSearches(path, negatable(value), scope)))]
  if (operator === '$elemMatch') return [elementMatch(value, path, scope)]
  if (operator === '$all') return allSearches(value, path, scope)
  const compiled = condition(operator, value, { path, scope, siblings: operand })
  if (compiled === undefined) throw new CommandError('BadValue', `unknown operator: ${operator}`)
  const search = searchAt(path, compiled.test, compiled.leaf)
  return [compiled.negated ? not(search) : search]
}

function optionsAlone(operand: Document): readonly Search[] {
  if (!operand.has('$regex')) regexOperand(undefined, operand.get('$options'))
  return []
}

function negatable(operand: Value): Value {
  if (operand instanceof BSONRegExp) return operand
  if (!(operand instanceof Map)) throw new CommandError('BadValue', '$not needs a regex or a document')
  if (operand.size === 0) throw new CommandError('BadValue', '$not cannot be empty')
  const first = operand.keys().next().value!
  if (!isOperatorDocument(operand)) throw new CommandError('BadValue', `unknown operator: ${first}`)
  return operand
}

interface ValuePlace {
  readonly path: string
  readonly scope: MatchScope
  readonly conditions: Document
}

function operatorTests(operator: string, operand: Value, { path, scope, conditions }: ValuePlace): readonly Test[] {
  if (operator === '$options') return optionsAlone(conditions).map(() => () => true)
  if (operator === '$not') return [notTest(negatable(operand), path, scope)]
  if (operator === '$elemMatch') {
    const search = elementSearch(operand, path, scope)
    return [value => search(value) !== NO_MATCH]
  }
  if (operator === '$all') return [allTest(operand, scope)]
  const compiled = condition(operator, operand, { path, scope, siblings: conditions })
  if (compiled === undefined) throw new CommandError('BadValue', `unknown operator: ${operator}`)
  return [compiled.negated ? value => !compiled.test(value) : compiled.test]
}

function notTest(operand: Value, path: string, scope: MatchScope): Test {
  const test = operand instanceof BSONRegExp ? regexTest(operand) : valueTest(operand as Document, path, scope)
  return value => !test(value)
}

/** $all of an element by itself: every item is asked of that one value. */
function allTest(operand: Value, scope: MatchScope): Test {
  const searches = allSearches(operand, 'value', scope.element())
  return value => value !== undefined && both(searches)(new Map([['value', value]])) !== NO_MATCH
}
