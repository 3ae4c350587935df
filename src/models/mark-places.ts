// Refuses marks where their promise could not be kept, such as a secret inside a union.
import type * as z from 'zod'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import { MARKS, type Marks } from './marks.ts'

const checked = new WeakSet<ModelDefinition>()

/** Checks where a model has marks. Not when it is made, as a schema may name models that are not there yet. */
export function checkMarkPlaces(definition: ModelDefinition): void {
  if (checked.has(definition)) return
  for (const { schema, path } of definition.fields)
    walk(schema, 'field', { model: definition.name, path, isId: path === '_id', seen: new Map() })
  checked.add(definition)
}

/** Where a part of a schema lies: it is the field itself, it is a field or an element inside, or neither. */
type Place = 'field' | 'inside' | 'nowhere'

interface Walk {
  readonly model: string
  readonly path: string
  readonly isId: boolean
  readonly seen: Map<Place, Set<z.core.SomeType>>
}

type Definition = Readonly<Record<string | symbol, unknown>> & { readonly [MARKS]?: Marks }

function walk(schema: z.core.SomeType, place: Place, at: Walk): void {
  const seen = at.seen.get(place) ?? new Set()
  if (seen.has(schema)) return
  at.seen.set(place, seen.add(schema))
  const definition = definitionOf(schema)
  checkMarks(definition[MARKS] ?? {}, place, at)
  const known = new Map(fieldsIn(definition, place))
  for (const part of madeOf(definition).flatMap(partsOf)) walk(part, known.get(part) ?? 'nowhere', at)
}

function checkMarks({ encrypted, secret, transient }: Marks, place: Place, { model, path, isId }: Walk): void {
  const refuse = (reason: string, hint: string) => {
    throw new GooseError('MODEL_INVALID', { model, reason: `"${path}" holds ${reason}`, hint })
  }
  if (encrypted && (place === 'nowhere' || isId))
    refuse(
      'encrypted() where it would stay in clear',
      'encrypt a field, an element of a list or a field of an object; never _id, nor inside a union, record or pipe',
    )
  if (secret && place === 'nowhere')
    refuse('secret() where it would be shown', 'make all of it secret; inside a union, record or tuple it is not found')
  if (transient && place !== 'field')
    refuse('transient() where it would be stored', 'a transient field stands at the top of a model')
}

// The parts that become fields, as the codec walks them.
function fieldsIn(definition: Definition, place: Place): readonly (readonly [z.core.SomeType, Place])[] {
  if (place === 'nowhere') return []
  const { type, innerType, in: input, out, element, shape } = definition
  if (type === 'object') return partsOf(shape).map(part => [part, 'inside'])
  if (type === 'array') return partsOf(element).map(part => [part, 'inside'])
  if (type !== 'pipe') return partsOf(innerType).map(part => [part, place])
  const isPreprocess = definitionOf(input as z.core.SomeType).type === 'transform'
  return partsOf(isPreprocess ? out : input).map(part => [part, place])
}

// Everything a schema is made of, whatever zod calls the part. zod computes a default whenever it is read:
// a function of the user's, which may count, fail, or ask the time.
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

function definitionOf(schema: z.core.SomeType): Definition {
  return schema._zod.def as unknown as Definition
}
