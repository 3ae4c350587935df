// Implements the schema keywords on arrays.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { countOperand, failure, type Keyword, only, type Rule, type SchemaScope, wrongType } from './rule.ts'
import { sameKey } from './sameness.ts'

export const items: Keyword = (operand, scope) => {
  if (Array.isArray(operand)) return itemsByPosition(operand, scope)
  const schema = scope.inner(operand, 'items')
  return onArrays(array => firstFailure(array, schema.check, 'At least one item did not match the sub-schema', 'items'))
}

/** Means the items behind those that an `items` list describes; without such a list there are none. */
export const additionalItems: Keyword = (operand, scope) => {
  const described = scope.schema.get('items')
  const start = Array.isArray(described) ? described.length : Number.POSITIVE_INFINITY
  if (typeof operand === 'boolean') return operand ? () => undefined : noneAfter(start)
  const schema = scope.inner(operand, 'additionalItems')
  const reason = 'At least one additional item did not match the sub-schema'
  return onArrays(array =>
    firstFailure(array, (item, index) => (index < start ? [] : schema.check(item)), reason, 'additionalItems'),
  )
}

export const minItems: Keyword = operand => itemCount('minItems', operand, (found, wanted) => found >= wanted)

export const maxItems: Keyword = operand => itemCount('maxItems', operand, (found, wanted) => found <= wanted)

export const uniqueItems: Keyword = operand => {
  if (typeof operand !== 'boolean') throw wrongType('uniqueItems', 'a boolean', operand)
  if (!operand) return () => undefined
  return onArrays(array => {
    const seen = new Set<string>()
    const repeated = array.find(item => {
      const key = sameKey(item)
      return seen.has(key) || !seen.add(key)
    })
    if (repeated === undefined) return undefined
    return failure({
      operatorName: 'uniqueItems',
      specifiedAs: only('uniqueItems', true),
      reason: 'found a duplicate item',
      consideredValue: array,
      duplicatedValue: repeated,
    })
  })
}

function onArrays(rule: (array: Value[]) => Document | undefined): Rule {
  return value => (Array.isArray(value) ? rule(value) : undefined)
}

type ItemCheck = (item: Value, index: number) => readonly Document[]

function firstFailure(
  array: readonly Value[],
  check: ItemCheck,
  reason: string,
  operatorName: string,
): Document | undefined {
  for (let index = 0; index < array.length; index++) {
    const details = [...check(array[index]!, index)]
    if (details.length > 0) return failure({ operatorName, reason, itemIndex: int32(index), details })
  }
  return undefined
}

function itemsByPosition(operand: readonly Value[], scope: SchemaScope): Rule {
  const schemas = operand.map(schema => scope.inner(schema, 'items'))
  const reason = 'An item in the array did not match the corresponding sub-schema'
  return onArrays(array => firstFailure(array, (item, index) => schemas[index]?.check(item) ?? [], reason, 'items'))
}

function noneAfter(start: number): Rule {
  return onArrays(array => {
    if (array.length <= start) return undefined
    return failure({
      operatorName: 'additionalItems',
      specifiedAs: only('additionalItems', false),
      reason: 'found additional items',
      additionalItems: array.slice(start),
    })
  })
}

function itemCount(keyword: string, operand: Value, holds: (found: number, wanted: number) => boolean): Rule {
  const wanted = countOperand(keyword, operand)
  return onArrays(array => {
    if (holds(array.length, wanted)) return undefined
    return failure({
      operatorName: keyword,
      specifiedAs: only(keyword, operand),
      reason: 'array did not match specified length',
      consideredValue: array,
    })
  })
}
