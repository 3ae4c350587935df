// Implements the schema keywords on types, listed values, numbers and strings.
import type { Value } from '../bson/decode.ts'
import { compileRegex } from '../match/regex.ts'
import { typeNames } from '../match/type.ts'
import { compareNumbers, isNaNValue, isNumber, type NumberValue, remainder, toDouble } from '../values/numbers.ts'
import { typeName } from '../values/type-names.ts'
import { countOperand, failure, type Keyword, listOperand, malformed, only, type Rule, wrongType } from './rule.ts'
import { areSame } from './sameness.ts'

export const bsonType: Keyword = operand => typeRule('bsonType', operand, typeNames(operand))

export const type: Keyword = operand => {
  const aliases = (Array.isArray(operand) ? operand : [operand]).map(alias => {
    if (typeof alias !== 'string') throw wrongType('type', 'a string or an array of strings', alias)
    const known = JSON_TYPES[alias]
    if (known !== undefined) return known
    if (alias === 'integer') throw malformed("$jsonSchema type 'integer' is not currently supported.")
    throw malformed(`Unknown type name alias: ${alias}`)
  })
  return typeRule('type', operand, typeNames(aliases))
}

export const enumeration: Keyword = operand => {
  const listed = listOperand('enum', operand)
  return value => {
    if (listed.some(item => areSame(item, value))) return undefined
    return failure({
      operatorName: 'enum',
      specifiedAs: only('enum', operand),
      reason: 'value was not found in enum',
      consideredValue: value,
    })
  }
}

export const minimum: Keyword = (operand, { schema }) => limit('minimum', operand, schema.get('exclusiveMinimum'))

export const maximum: Keyword = (operand, { schema }) => limit('maximum', operand, schema.get('exclusiveMaximum'))

export const multipleOf: Keyword = operand => {
  if (!isNumber(operand)) throw wrongType('multipleOf', 'a number', operand)
  if (!(toDouble(operand) > 0)) throw malformed("$jsonSchema keyword 'multipleOf' must have a positive value")
  return value => {
    if (!isNumber(value) || toDouble(remainder(value, operand)) === 0) return undefined
    return failure({
      operatorName: 'multipleOf',
      specifiedAs: only('multipleOf', operand),
      reason: 'considered value is not a multiple of the specified value',
      consideredValue: value,
    })
  }
}

export const minLength: Keyword = operand => length('minLength', operand, (found, wanted) => found >= wanted)

export const maxLength: Keyword = operand => length('maxLength', operand, (found, wanted) => found <= wanted)

export const pattern: Keyword = operand => {
  if (typeof operand !== 'string') throw wrongType('pattern', 'a string', operand)
  const regex = compileRegex(operand, '')
  return value => {
    if (typeof value !== 'string' || regex.test(value)) return undefined
    return failure({
      operatorName: 'pattern',
      specifiedAs: only('pattern', operand),
      reason: 'regular expression did not match',
      consideredValue: value,
    })
  }
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  array: 'array',
  boolean: 'bool',
  null: 'null',
  number: 'number',
  object: 'object',
  string: 'string',
}

function typeRule(keyword: string, operand: Value, names: ReadonlySet<string>): Rule {
  return value => {
    if (names.has(typeName(value))) return undefined
    return failure({
      operatorName: keyword,
      specifiedAs: only(keyword, operand),
      reason: 'type did not match',
      consideredValue: value,
      consideredType: typeName(value),
    })
  }
}

function limit(keyword: 'minimum' | 'maximum', operand: Value, exclusive: Value | undefined): Rule {
  if (!isNumber(operand)) throw wrongType(keyword, 'a number', operand)
  const flag = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
  if (exclusive !== undefined && typeof exclusive !== 'boolean') throw wrongType(flag, 'a boolean', exclusive)
  const holds = isInside(keyword, operand, exclusive === true)
  const specifiedAs = only(keyword, operand)
  if (exclusive !== undefined) specifiedAs.set(flag, exclusive)
  return value => {
    if (!isNumber(value) || holds(value)) return undefined
    return failure({ operatorName: keyword, specifiedAs, reason: 'comparison failed', consideredValue: value })
  }
}

function isInside(keyword: string, bound: NumberValue, isExclusive: unknown): (value: NumberValue) => boolean {
  const sign = keyword === 'minimum' ? 1 : -1
  return value => {
    if (isNaNValue(value) !== isNaNValue(bound)) return false
    const order = compareNumbers(value, bound) * sign
    return isExclusive === true ? order > 0 : order >= 0
  }
}

function length(keyword: string, operand: Value, holds: (found: number, wanted: number) => boolean): Rule {
  const wanted = countOperand(keyword, operand)
  return value => {
    if (typeof value !== 'string' || holds([...value].length, wanted)) return undefined
    return failure({
      operatorName: keyword,
      specifiedAs: only(keyword, operand),
      reason: 'specified string length was not satisfied',
      consideredValue: value,
    })
  }
}
