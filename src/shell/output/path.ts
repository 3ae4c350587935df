// Reads a dotted path out of plain data, through arrays.
import { Missing } from './cell.ts'

/** Gives what lies at a dotted path; over an array, the values of its items. */
export function atPath(value: unknown, path: string): unknown {
  return path.split('.').reduce(step, value)
}

function step(value: unknown, key: string): unknown {
  if (value instanceof Missing) return value
  if (value === null || typeof value !== 'object') return undefined
  if (Array.isArray(value) && !/^\d+$/.test(key)) return value.map(item => step(item, key))
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined
}
