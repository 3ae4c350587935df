// Filters from outside: what a request may ask, without operators smuggled in.
import { InvalidFilter } from '../errors.ts'

/** Gives a filter from an untrusted object. Throws `InvalidFilter` where a key begins with `$`, at any depth.
 *
 * ```ts
 * const filter = sanitize({ name: 'Ada' })
 * ```
 */
export function sanitize<const Given extends object>(untrusted: Given): Given {
  refuseOperators(untrusted, '')
  return untrusted
}

function refuseOperators(value: unknown, path: string): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) refuseOperators(item, `${path}[${i}]`)
    return
  }
  if (typeof value !== 'object' || value === null || value instanceof Date || '_bsontype' in value) return
  for (const [key, item] of Object.entries(value)) {
    const at = path ? `${path}.${key}` : key
    if (key.startsWith('$'))
      throw new InvalidFilter({ model: 'a request', reason: `"${at}" is an operator`, hint: 'send plain values only' })
    refuseOperators(item, at)
  }
}
