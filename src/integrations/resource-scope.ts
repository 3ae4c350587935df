// What a request can see binds what it writes, too: no client puts a document where it could not see it.
import { ValidationFailed } from '../errors.ts'
import { isPlain } from '../models/plain.ts'

/** Refuses values of a body that lead out of a filter. Conditions by equality and `$in` on whole fields count. */
export function checkInside(scope: object, values: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const conditions = new Map(Object.entries(scope))
  const outside = names.filter(name => conditions.has(name) && !fits(values[name], conditions.get(name)))
  if (outside.length === 0) return
  throw new ValidationFailed(
    'the body',
    outside.map(path => ({ path, message: 'is outside of what this request can see' })),
  )
}

function fits(value: unknown, condition: unknown): boolean {
  const allowed = allowedOf(condition)
  if (!allowed) return true
  const keys = new Set(allowed.map(keyOf))
  return Array.isArray(value) ? value.some(item => keys.has(keyOf(item))) : keys.has(keyOf(value))
}

// Other operators say nothing here: what they ask for is known to the database alone.
function allowedOf(condition: unknown): readonly unknown[] | undefined {
  if (!isPlain(condition)) return [condition]
  if (Array.isArray(condition.$in)) return condition.$in
  if ('$eq' in condition) return [condition.$eq]
  return Object.keys(condition).some(name => name.startsWith('$')) ? undefined : [condition]
}

// Filters take ids as text and documents for their ids, so that all of these are one.
function keyOf(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object') return String(value)
  if ('_id' in value) return keyOf(value._id)
  return isPlain(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
}
