// What the database could not keep of a value: the driver leaves it out without a word, or stores something else.
import { isPlain } from './plain.ts'

/** What is wrong with a part of a value, and where. */
export interface Fault {
  readonly path: string
  readonly reason: string
}

/** Finds the first part of a value that cannot be kept as it is. */
export function faultIn(
  value: unknown,
  path: string,
  faultOf: (part: unknown) => string | undefined = unstorable,
): Fault | undefined {
  const reason = faultOf(value)
  if (reason !== undefined) return { path, reason }
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return firstOf(value.entries(), path, faultOf)
  return isPlain(value) ? firstOf(Object.entries(value), path, faultOf) : undefined
}

/** Says why a value cannot be asked for: what is undefined, or left out by the driver, would find everything. */
export function unaskable(value: unknown): string | undefined {
  return value === undefined || bsonOf(value) === undefined ? 'is undefined' : unstorable(value)
}

/** Says why a value itself cannot be stored; what is undefined is left out, as it is in JSON. */
export function unstorable(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return `is a ${typeof value}`
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? undefined : 'has more than 64 bits'
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'is no date' : undefined
  if (isPlain(value))
    return Object.keys(value).some(key => key.includes('\0')) ? 'has a key with a null byte' : undefined
  return isEmptyInstance(value) ? `is a ${value.constructor.name}, which has nothing to store` : undefined
}

function firstOf(
  parts: Iterable<readonly [number | string, unknown]>,
  path: string,
  faultOf: (part: unknown) => string | undefined,
): Fault | undefined {
  for (const [name, part] of parts) {
    const fault = faultIn(part, `${path}.${name}`, faultOf)
    if (fault) return fault
  }
  return undefined
}

function bsonOf(value: unknown): unknown {
  const converts =
    typeof value === 'object' && value !== null && 'toBSON' in value && typeof value.toBSON === 'function'
  return converts ? (value as { toBSON(): unknown }).toBSON() : value
}

// A promise that was not awaited, an error, a URL: the driver would make {} of it.
function isEmptyInstance(value: object): boolean {
  if (Array.isArray(value) || value instanceof RegExp || ArrayBuffer.isView(value)) return false
  if (value instanceof Map || value instanceof Set || '_bsontype' in value || 'toBSON' in value) return false
  return Object.keys(value).length === 0 && typeof value.constructor === 'function'
}
