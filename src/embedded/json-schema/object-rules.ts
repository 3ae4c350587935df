// Implements the schema keywords on documents.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { compileRegex } from '../match/regex.ts'
import {
  countOperand,
  documentOperand,
  failure,
  type InnerSchema,
  type Keyword,
  namesOperand,
  only,
  type Rule,
  type SchemaScope,
  wrongType,
} from './rule.ts'

export const required: Keyword = operand => {
  const names = namesOperand('required', operand)
  return onDocuments(value => {
    const missing = names.filter(name => !value.has(name))
    if (missing.length === 0) return undefined
    return failure({
      operatorName: 'required',
      specifiedAs: only('required', operand),
      missingProperties: [...missing].sort(),
    })
  })
}

export const properties: Keyword = (operand, scope) => {
  const inner = [...documentOperand('properties', operand)].map(
    ([name, schema]) => [name, scope.inner(schema, 'properties')] as const,
  )
  return onDocuments(value => {
    const failed = inner.flatMap(([name, schema]) => propertyFailure(value, name, schema))
    return failed.length === 0 ? undefined : failure({ operatorName: 'properties', propertiesNotSatisfied: failed })
  })
}

export const patternProperties: Keyword = (operand, scope) => {
  const inner = patternsOf(operand).map(({ source, regex }) => {
    const schema = scope.inner(documentOperand('patternProperties', operand).get(source)!, 'patternProperties')
    return { source, regex, schema }
  })
  return onDocuments(value => {
    const failed = [...value].flatMap(([name, item]) =>
      inner
        .filter(({ regex }) => regex.test(name))
        .flatMap(({ source, schema }) => {
          const details = [...schema.check(item)]
          return details.length === 0 ? [] : [failure({ propertyName: name, regexMatched: source, details })]
        }),
    )
    return failed.length === 0 ? undefined : failure({ operatorName: 'patternProperties', details: failed })
  })
}

export const additionalProperties: Keyword = (operand, scope) => {
  const isAdditional = additionalTest(scope.schema)
  if (typeof operand === 'boolean') return operand ? () => undefined : noneAdditional(isAdditional)
  const schema = scope.inner(operand, 'additionalProperties')
  return onDocuments(value => {
    for (const [name, item] of value) {
      const details = isAdditional(name) ? [...schema.check(item)] : []
      if (details.length > 0)
        return failure({
          operatorName: 'additionalProperties',
          reason: 'at least one additional property did not match the subschema',
          failingProperty: name,
          details,
        })
    }
    return undefined
  })
}

export const minProperties: Keyword = operand =>
  propertyCount('minProperties', operand, (found, wanted) => found >= wanted)

export const maxProperties: Keyword = operand =>
  propertyCount('maxProperties', operand, (found, wanted) => found <= wanted)

export const dependencies: Keyword = (operand, scope) => {
  const rules = [...documentOperand('dependencies', operand)].map(([name, wanted]) => dependency(name, wanted, scope))
  return onDocuments(value => {
    const failed = rules.flatMap(rule => rule(value) ?? [])
    return failed.length === 0 ? undefined : failure({ operatorName: 'dependencies', failingDependencies: failed })
  })
}

function onDocuments(rule: (value: Document) => Document | undefined): Rule {
  return value => (value instanceof Map ? rule(value) : undefined)
}

function propertyFailure(value: Document, name: string, schema: InnerSchema): Document[] {
  const item = value.get(name)
  const details = item === undefined ? [] : [...schema.check(item)]
  if (details.length === 0) return []
  return [failure({ propertyName: name, ...Object.fromEntries(schema.notes), details })]
}

function patternsOf(operand: Value): readonly { source: string; regex: RegExp }[] {
  return [...documentOperand('patternProperties', operand).keys()].map(source => ({
    source,
    regex: compileRegex(source, ''),
  }))
}

function additionalTest(schema: Document): (name: string) => boolean {
  const named = schema.get('properties')
  const patterns = schema.get('patternProperties')
  const regexes = patterns === undefined ? [] : patternsOf(patterns)
  return name => !(named instanceof Map && named.has(name)) && !regexes.some(({ regex }) => regex.test(name))
}

function noneAdditional(isAdditional: (name: string) => boolean): Rule {
  return onDocuments(value => {
    const found = [...value.keys()].filter(isAdditional)
    if (found.length === 0) return undefined
    return failure({
      operatorName: 'additionalProperties',
      specifiedAs: only('additionalProperties', false),
      additionalProperties: found,
    })
  })
}

function propertyCount(keyword: string, operand: Value, holds: (found: number, wanted: number) => boolean): Rule {
  const wanted = countOperand(keyword, operand)
  return onDocuments(value => {
    if (holds(value.size, wanted)) return undefined
    return failure({
      operatorName: keyword,
      specifiedAs: only(keyword, operand),
      reason: 'specified number of properties was not satisfied',
      numProperties: int32(value.size),
    })
  })
}

function dependency(name: string, wanted: Value, scope: SchemaScope): (value: Document) => Document | undefined {
  if (Array.isArray(wanted)) {
    const names = namesOperand('dependencies', wanted)
    return value => {
      const missing = value.has(name) ? names.filter(other => !value.has(other)) : []
      return missing.length === 0 ? undefined : failure({ conditionalProperty: name, missingProperties: missing })
    }
  }
  if (!(wanted instanceof Map)) throw wrongType('dependencies', 'an object or an array', wanted)
  const schema = scope.inner(wanted, 'dependencies')
  return value => {
    const details = value.has(name) ? [...schema.check(value)] : []
    return details.length === 0 ? undefined : failure({ conditionalProperty: name, details })
  }
}
