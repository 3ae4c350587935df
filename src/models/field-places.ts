// Refuses fields that lie where goose could not see them, and schemas whose values the database cannot give back.
import type * as z from 'zod'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { MARKS, type Marks } from './marks.ts'
import { REF } from './ref.ts'

const checked = new WeakSet<ModelDefinition>()

/** Checks the fields of a model once. Throws `MODEL_INVALID` for one that would be shown, stored or read back wrongly. */
export function checkPlaces(definition: ModelDefinition): void {
  if (checked.has(definition)) return
  for (const field of definition.fields) checkField(definition, field)
  checked.add(definition)
}

function checkField(definition: ModelDefinition, field: Field): void {
  const parts = [...partsOf(field.schema)]
  const lossy = parts.map(part => lossyTypes[definitionOf(part).type as string]).find(hint => hint !== undefined)
  if (lossy) throw refused(definition, field, `holds ${lossy.what}, which the database cannot give back`, lossy.hint)
  const seen = visible(field.schema)
  const hidden = parts.find(part => markOf(part) !== undefined && !seen.has(part))
  if (hidden) throw refused(definition, field, `holds ${markOf(hidden)}() where goose cannot see it`, placesHint)
  const nested = parts.find(part => rootOnly(markOf(part)) && !isOfField(field.schema, part))
  if (nested)
    throw refused(definition, field, `holds ${markOf(nested)}() inside`, 'make it a field of the model itself')
  if (field.name === '_id' && parts.some(part => markOf(part) === 'encrypted'))
    throw refused(definition, field, 'is encrypted', 'encrypt another field: documents are found by their _id')
}

const placesHint =
  'mark a field, an element of a list or a field of an object; around a record, union, tuple, pipe or recursion, mark the whole'

const lossyTypes: Readonly<Record<string, { readonly what: string; readonly hint: string } | undefined>> = {
  map: { what: 'z.map()', hint: 'use z.record(): maps are stored as objects, and read as such' },
  set: { what: 'z.set()', hint: 'use z.array(): sets are stored as lists, and read as such' },
  symbol: { what: 'z.symbol()', hint: 'use z.string()' },
  function: { what: 'z.function()', hint: 'make it a method of the class' },
  promise: { what: 'z.promise()', hint: 'await the value first' },
  file: { what: 'z.file()', hint: 'use binary()' },
}

function refused(definition: ModelDefinition, { path }: Field, reason: string, hint: string): GooseError {
  return new GooseError('MODEL_INVALID', { model: definition.name, reason: `"${path}" ${reason}`, hint })
}

type Definition = Readonly<Record<string | symbol, unknown>> & { readonly [MARKS]?: Marks }

function definitionOf(schema: z.core.SomeType): Definition {
  return schema._zod.def as unknown as Definition
}

function markOf(schema: z.core.SomeType): string | undefined {
  const definition = definitionOf(schema)
  const { secret, transient, encrypted, many } = definition[MARKS] ?? {}
  if (encrypted) return 'encrypted'
  if (secret) return 'secret'
  if (transient) return 'transient'
  return many ? 'many' : definition[REF] === undefined ? undefined : 'ref'
}

function rootOnly(mark: string | undefined): boolean {
  return mark === 'transient' || mark === 'many'
}

// Wrappers stand for the field itself.
function isOfField(schema: z.core.SomeType, part: z.core.SomeType): boolean {
  const { innerType, in: input, out } = definitionOf(schema)
  return schema === part || [innerType, input, out].some(inner => isSchema(inner) && isOfField(inner, part))
}

// Everything a schema is made of, whatever zod calls the part.
function partsOf(schema: z.core.SomeType, seen = new Set<z.core.SomeType>()): ReadonlySet<z.core.SomeType> {
  if (seen.has(schema)) return seen
  seen.add(schema)
  for (const part of madeOf(definitionOf(schema)).flatMap(schemasIn)) partsOf(part, seen)
  return seen
}

// zod computes a default whenever it is read: a function of the user's, which may count, fail, or ask the time.
function madeOf(definition: Definition): readonly unknown[] {
  if (definition.type === 'lazy') return [(definition.getter as () => unknown)()]
  return Object.keys(definition)
    .filter(name => name !== 'defaultValue')
    .map(name => definition[name])
}

function schemasIn(value: unknown): readonly z.core.SomeType[] {
  if (isSchema(value)) return [value]
  if (Array.isArray(value)) return value.filter(isSchema)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return []
  return Object.values(value).filter(isSchema)
}

function isSchema(value: unknown): value is z.core.SomeType {
  return typeof value === 'object' && value !== null && '_zod' in value
}

// The parts that become fields. What holds itself is a field where it first comes, and any value further down.
function visible(schema: z.core.SomeType): ReadonlySet<z.core.SomeType> {
  const found = new Set<z.core.SomeType>()
  const unseen = new Set<z.core.SomeType>()
  walk(schema, new Set(), { found, unseen })
  for (const part of unseen) found.delete(part)
  return found
}

interface Sight {
  readonly found: Set<z.core.SomeType>
  readonly unseen: Set<z.core.SomeType>
}

function walk(schema: z.core.SomeType, around: ReadonlySet<z.core.SomeType>, sight: Sight): void {
  if (around.has(schema)) {
    for (const part of partsOf(schema)) sight.unseen.add(part)
    return
  }
  sight.found.add(schema)
  const { type, innerType, in: input, out, element, shape } = definitionOf(schema)
  const isPreprocess = type === 'pipe' && definitionOf(input as z.core.SomeType).type === 'transform'
  const next = type === 'pipe' ? (isPreprocess ? out : input) : (innerType ?? element)
  const inner = [...schemasIn(next), ...(type === 'object' ? schemasIn(shape) : [])]
  for (const part of inner) walk(part, new Set([...around, schema]), sight)
}
