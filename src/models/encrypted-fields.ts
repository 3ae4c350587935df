// Which fields of a model are encrypted, and where a path meets one.
import type * as z from 'zod'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { MARKS, type Marks } from './marks.ts'
import { findPath } from './path.ts'

/** Tells whether a field, its elements or its own fields are encrypted. */
export function holdsEncrypted(field: Field | undefined): boolean {
  if (!field) return false
  return (
    field.marks.encrypted !== undefined || holdsEncrypted(field.element) || (field.fields ?? []).some(holdsEncrypted)
  )
}

const known = new WeakMap<ModelDefinition, readonly Field[]>()

/** Gives the fields of a model that hold something encrypted. Throws when one is where it would stay in clear. */
export function encryptedFields(definition: ModelDefinition): readonly Field[] {
  const there = known.get(definition)
  if (there) return there
  for (const field of definition.fields) checkPlace(definition, field)
  const found = definition.fields.filter(holdsEncrypted)
  known.set(definition, found)
  return found
}

/** What a path meets first: the encrypted field, and whether the path leads into it. */
export interface EncryptedPlace {
  readonly field: Field
  readonly inside: boolean
}

/** Finds the encrypted field that a path names or leads into. */
export function encryptedAt(definition: ModelDefinition, path: string): EncryptedPlace | undefined {
  const segments = path.split('.')
  for (let length = 1; length <= segments.length; length++) {
    const { field } = findPath(definition, segments.slice(0, length).join('.'))
    const rest = segments.slice(length).filter(segment => !/^(\d+|\$(\[\w*\])?)$/.test(segment))
    for (let at = field; at; at = at.element) if (at.marks.encrypted) return { field: at, inside: rest.length > 0 }
  }
  return undefined
}

/** Refuses what only values in clear could be used for, such as a sort. */
export function refuseEncrypted(definition: ModelDefinition, path: string, use: string): void {
  if (encryptedFields(definition).length === 0 || !encryptedAt(definition, path)) return
  throw new GooseError('INVALID_QUERY', {
    model: definition.name,
    reason: `"${path}" is encrypted and cannot be used for ${use}`,
    hint: 'leave it out, or do it in memory',
  })
}

function checkPlace(definition: ModelDefinition, field: Field): void {
  const marked = new Set<z.core.SomeType>()
  collect(field.schema, new Set(), marked)
  if (field.name === '_id' && marked.size > 0) refuse(definition, field.path)
  for (const seen of visible(field.schema)) marked.delete(seen)
  if (marked.size > 0) refuse(definition, field.path)
}

function refuse(definition: ModelDefinition, path: string): never {
  throw new GooseError('MODEL_INVALID', {
    model: definition.name,
    reason: `"${path}" holds encrypted() where it would stay in clear`,
    hint: 'encrypt a field, an element of a list or a field of an object; never _id, nor inside a union, record or pipe',
  })
}

type Definition = Readonly<Record<string | symbol, unknown>> & { readonly [MARKS]?: Marks }

function definitionOf(schema: z.core.SomeType): Definition {
  return schema._zod.def as unknown as Definition
}

// Everything a schema is made of, whatever zod calls the part.
function collect(schema: z.core.SomeType, seen: Set<unknown>, found: Set<z.core.SomeType>): void {
  if (seen.has(schema)) return
  seen.add(schema)
  const definition = definitionOf(schema)
  if (definition[MARKS]?.encrypted) found.add(schema)
  for (const part of madeOf(definition).flatMap(partsOf)) collect(part, seen, found)
}

// zod computes a default whenever it is read: a function of the user's, which may count, fail, or ask the time.
function madeOf(definition: Definition): readonly unknown[] {
  if (definition.type === 'lazy') return [(definition.getter as () => unknown)()]
  return Object.keys(definition)
    .filter(name => name !== 'defaultValue')
    .map(name => definition[name])
}

function partsOf(value: unknown): readonly z.core.SomeType[] {
  if (isSchema(value)) return [value]
  if (Array.isArray(value)) return value.filter(isSchema)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return []
  return Object.values(value).filter(isSchema)
}

function isSchema(value: unknown): value is z.core.SomeType {
  return typeof value === 'object' && value !== null && '_zod' in value
}

// The parts that become fields, as the codec walks them.
function visible(schema: z.core.SomeType): readonly z.core.SomeType[] {
  const { type, innerType, in: input, out, element, shape } = definitionOf(schema)
  const isPreprocess = type === 'pipe' && definitionOf(input as z.core.SomeType).type === 'transform'
  const next = type === 'pipe' ? (isPreprocess ? out : input) : (innerType ?? element)
  const inner = [...(isSchema(next) ? [next] : []), ...(type === 'object' ? partsOf(shape) : [])]
  return [schema, ...inner.flatMap(visible)]
}
