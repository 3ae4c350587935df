// Turns conditions on encrypted fields into conditions on their blind indexes; refuses those that none can answer.
import { Long } from 'mongodb'
import { InvalidFilter } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { type EncryptedPlace, encryptedAt, encryptedFields, encryptedWithin } from '../models/encrypted-fields.ts'
import { BLIND } from '../models/envelope.ts'
import { pathsRead, WHOLE } from '../models/expression-paths.ts'
import type { Field } from '../models/field.ts'
import { isOperators } from '../models/plain.ts'
import { toStored } from './codec.ts'
import { blindIndexes } from './encryption.ts'
import { inClear } from './plaintext.ts'

type Filter = Record<string, unknown>

/** Gives the filter as the server can answer it. Throws `InvalidFilter` for what would need the value in clear. */
export function blindFilter(definition: ModelDefinition, filter: Filter): Filter {
  return encryptedFields(definition).length === 0 ? filter : rewritten(definition, filter, '')
}

function rewritten(definition: ModelDefinition, filter: Filter, parent: string): Filter {
  const parts = Object.entries(filter).map(([key, value]): Filter => {
    if (key === '$and' || key === '$or' || key === '$nor')
      return { [key]: (value as Filter[]).map(part => rewritten(definition, part, parent)) }
    if (key === '$expr') refuseInExpression(definition, value)
    if (key.startsWith('$')) return { [key]: value }
    return conditionOn(definition, { key, path: parent + key }, value)
  })
  const keys = parts.flatMap(Object.keys)
  return new Set(keys).size === keys.length ? Object.assign({}, ...parts) : { $and: parts }
}

interface Named {
  /** As the filter writes it. */
  readonly key: string
  /** From the document's root. */
  readonly path: string
}

function conditionOn(definition: ModelDefinition, { key, path }: Named, value: unknown): Filter {
  const at = encryptedAt(definition, path)
  if (!at) return { [key]: aroundEncrypted(definition, path, value) }
  if (at.inside) throw refused(definition, path, 'is inside an encrypted value')
  const isQueryable = at.field.marks.encrypted?.queryable
  const conditions = isOperators(value) ? Object.entries(value) : ([['$eq', value]] as const)
  const parts = conditions.map(([operator, operand]) => {
    const condition = answerable(definition, { at, path, operator }, operand)
    return isOfPlace(operator) || !isQueryable ? { [key]: condition } : { [`${key}.${BLIND}`]: condition }
  })
  return parts.length === 1 ? parts[0]! : { $and: parts }
}

// What is asked of the place itself, not of its value.
function isOfPlace(operator: string): boolean {
  return operator === '$exists' || operator === '$size'
}

// The fields of an object are asked one by one; as a whole, it would be compared with ciphertext.
function aroundEncrypted(definition: ModelDefinition, path: string, value: unknown): unknown {
  if (value === null || !encryptedWithin(definition, path)) return value
  if (!isOperators(value)) throw refused(definition, path, 'holds encrypted values and cannot be compared as a whole')
  return Object.fromEntries(
    Object.entries(value).map(([operator, operand]) => {
      if (isOfPlace(operator) || operator === '$type') return [operator, operand]
      if (operator === '$elemMatch') return [operator, rewritten(definition, operand as Filter, `${path}.`)]
      const parts = Array.isArray(operand)
        ? operand.map(part => aroundEncrypted(definition, path, part))
        : aroundEncrypted(definition, path, operand)
      return [operator, parts]
    }),
  )
}

// Expressions compare what is stored.
function refuseInExpression(definition: ModelDefinition, expression: unknown): void {
  const hidden = pathsRead(expression).find(
    path => path !== WHOLE && (encryptedAt(definition, path) ?? encryptedWithin(definition, path)),
  )
  if (hidden !== undefined) throw refused(definition, hidden, 'is encrypted, $expr cannot be answered')
}

interface Condition {
  readonly at: EncryptedPlace
  readonly path: string
  readonly operator: string
}

function answerable(definition: ModelDefinition, condition: Condition, operand: unknown): unknown {
  const { at, path, operator } = condition
  if (isOfPlace(operator)) return { [operator]: operand }
  const blind = (value: unknown) => blindOf(definition, { field: at.field, path }, value)
  if (operator === '$eq') return { $in: blind(operand) }
  if (operator === '$ne') return { $nin: blind(operand) }
  if (operator === '$in' || operator === '$nin')
    return { [operator]: (operand as unknown[]).flatMap(item => [...blind(item)]) }
  if (operator === '$not' && isOperators(operand)) {
    const parts = Object.entries(operand).map(([inner, value]) =>
      answerable(definition, { ...condition, operator: inner }, value),
    )
    return { $not: Object.assign({}, ...parts) }
  }
  throw refused(definition, path, `is encrypted, ${operator} cannot be answered`)
}

// An absent value has no blind index, so null finds it there as it would in clear.
function blindOf(
  definition: ModelDefinition,
  { field, path }: { field: Field; path: string },
  value: unknown,
): readonly unknown[] {
  if (value === null) return [null]
  if (value instanceof RegExp) throw refused(definition, path, 'is encrypted, a pattern cannot be answered')
  if (!field.marks.encrypted?.queryable) throw refused(definition, path, 'is encrypted and not queryable')
  return blindIndexes({ definition, field }, inClear(toStored(asStored(field, value), field)))
}

function asStored(field: Field, value: unknown): unknown {
  if (field.kind !== 'long') return value
  return value instanceof Long ? value.toBigInt() : BigInt(value as number)
}

function refused(definition: ModelDefinition, path: string, reason: string): InvalidFilter {
  return new InvalidFilter({
    model: definition.name,
    reason: `"${path}" ${reason}`,
    hint: 'ask for equal values of a field declared with encrypted(…, { queryable: true }), or for null',
  })
}
