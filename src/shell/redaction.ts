// Hides what is secret in commands that are shown to people.
import type { Field } from '../models/field.ts'
import { registeredModels } from '../models/registry.ts'

/** Gives the names of all fields that a model calls secret, whichever it is. */
export function secretNames(): ReadonlySet<string> {
  const fields = [...registeredModels()].flatMap(({ definition }) => definition.fields.flatMap(withInner))
  return new Set(fields.filter(field => field.marks.secret).map(field => field.name))
}

/** Copies a command with `***` for whatever stands under a name that is secret, or under a path that ends so. */
export function redacted(value: unknown, secrets: ReadonlySet<string>): object {
  return hidden(value, secrets) as object
}

function hidden(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map(item => hidden(item, secrets))
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    isSecret(key, secrets) && !isShape(inner) ? '***' : hidden(inner, secrets),
  ])
  return Object.fromEntries(entries)
}

function isSecret(key: string, secrets: ReadonlySet<string>): boolean {
  return key.split('.').some(part => secrets.has(part))
}

/** A number under a name is a projection, a sort or an index key, which says nothing of the value. */
function isShape(value: unknown): boolean {
  return value === 0 || value === 1 || value === -1
}

function withInner(field: Field): readonly Field[] {
  const inner = [...(field.element ? [field.element] : []), ...(field.fields ?? [])]
  return [field, ...inner.flatMap(withInner)]
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
