// Implements the schema keywords that combine schemas.
import { type Document, int32 } from '../bson/decode.ts'
import { failure, type Keyword, listOperand, type Rule, type SchemaScope } from './rule.ts'

export const allOf: Keyword = (operand, scope) =>
  combination('allOf', schemasOf('allOf', operand, scope), failed => failed === 0)

export const anyOf: Keyword = (operand, scope) =>
  combination('anyOf', schemasOf('anyOf', operand, scope), (failed, total) => failed < total)

export const oneOf: Keyword = (operand, scope) => {
  const schemas = schemasOf('oneOf', operand, scope)
  return value => {
    const failures = schemas.map(schema => [...schema.check(value)])
    const matching = failures.flatMap((details, index) => (details.length === 0 ? [int32(index)] : []))
    if (matching.length === 1) return undefined
    if (matching.length === 0) return failure({ operatorName: 'oneOf', schemasNotSatisfied: indexed(failures) })
    return failure({
      operatorName: 'oneOf',
      reason: 'more than one subschema matched',
      matchingSchemaIndexes: matching,
    })
  }
}

export const not: Keyword = (operand, scope) => {
  const schema = scope.inner(operand, 'not')
  return value => {
    if (schema.check(value).length > 0) return undefined
    return failure({ operatorName: 'not', reason: 'child expression matched' })
  }
}

function schemasOf(keyword: string, operand: Parameters<Keyword>[0], scope: SchemaScope) {
  return listOperand(keyword, operand).map(schema => scope.inner(schema, keyword))
}

function combination(
  operatorName: string,
  schemas: ReturnType<typeof schemasOf>,
  holds: (failed: number, total: number) => boolean,
): Rule {
  return value => {
    const failures = schemas.map(schema => [...schema.check(value)])
    const failed = failures.filter(details => details.length > 0).length
    if (holds(failed, schemas.length)) return undefined
    return failure({ operatorName, schemasNotSatisfied: indexed(failures) })
  }
}

function indexed(failures: readonly Document[][]): Document[] {
  return failures.flatMap((details, index) => (details.length === 0 ? [] : [failure({ index: int32(index), details })]))
}
