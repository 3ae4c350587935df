// Data as canonical Extended JSON, which keeps every BSON type.
import { Missing } from './cell.ts'
import { escapeJson } from './escape.ts'

/** Writes a value as one line of canonical Extended JSON; what is gone stays the id that names it. */
export async function ejsonText(value: unknown): Promise<string> {
  const { BSON } = await import('mongodb')
  return escapeJson(BSON.EJSON.stringify(withIds(value), { relaxed: false }))
}

function withIds(value: unknown): unknown {
  if (value instanceof Missing) return value.id
  if (Array.isArray(value)) return value.map(withIds)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withIds(inner)]))
}
