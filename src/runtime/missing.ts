// References that a populate found nothing for: null in memory, unchanged in the database.
import type { Field } from '../models/field.ts'
import { Reference } from '../models/ref.ts'

interface Lost {
  readonly length: number | undefined
  readonly keys: Map<string, unknown>
}

const lost = new WeakMap<object, Lost>()

/** Puts null where a reference leads to nothing, and keeps what is stored there. */
export function loseReference(holder: object, name: string, key: unknown): void {
  const there = lost.get(holder) ?? { length: lengthOf(holder), keys: new Map() }
  there.keys.set(name, key)
  lost.set(holder, there)
  Reflect.set(holder, name, null)
}

/** Gives the stored key behind a null, or null. A list of another length than before has lost its places. */
export function keptKey(holder: object, name: string): unknown {
  const there = lost.get(holder)
  return there && there.length === lengthOf(holder) ? (there.keys.get(name) ?? null) : null
}

/** Gives a value with references back in their places, as its schema knows them. */
export function withLost(value: unknown, field: Field): unknown {
  if (typeof value !== 'object' || value === null || field.ref || !holdsRef(field)) return value
  if (Array.isArray(value)) return value.map((_, i) => partWithLost(value, String(i), field.element!))
  const inner = (field.fields ?? []).filter(({ name }) => name in value)
  return { ...value, ...Object.fromEntries(inner.map(each => [each.name, partWithLost(value, each.name, each)])) }
}

function partWithLost(holder: object, name: string, field: Field): unknown {
  const value: unknown = Reflect.get(holder, name)
  const key = value === null && field.ref ? keptKey(holder, name) : null
  return field.ref && key !== null ? new Reference(field.ref, key) : withLost(value, field)
}

function holdsRef({ ref, element, fields }: Field): boolean {
  return ref !== undefined || (element ? holdsRef(element) : (fields ?? []).some(holdsRef))
}

function lengthOf(holder: object): number | undefined {
  return Array.isArray(holder) ? holder.length : undefined
}
