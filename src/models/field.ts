// What a model knows of one field, read once from its zod schema.
import type * as z from 'zod'
import type { FieldKind } from './field-kind.ts'
import { MARKS, type Marks } from './marks.ts'
import { REF, type RefMark } from './ref.ts'

/** One field of a model, or one element of a list. */
export interface Field {
  readonly name: string
  readonly path: string
  readonly kind: FieldKind
  readonly schema: z.core.SomeType
  readonly optional: boolean
  readonly nullable: boolean
  readonly defaultOf: (() => unknown) | undefined
  readonly marks: Marks
  readonly ref: RefMark | undefined
  readonly element: Field | undefined
  readonly fields: readonly Field[] | undefined
  readonly loose: boolean
  readonly values: readonly unknown[] | undefined
}

interface Definition {
  readonly type: string
  readonly innerType?: z.core.SomeType
  readonly in?: z.core.SomeType
  readonly out?: z.core.SomeType
  readonly getter?: () => z.core.SomeType
  readonly element?: z.core.SomeType
  readonly shape?: Record<string, z.core.SomeType>
  readonly catchall?: z.core.SomeType
  readonly entries?: Record<string, unknown>
  readonly values?: readonly unknown[]
  readonly options?: readonly z.core.SomeType[]
  readonly defaultValue?: unknown
  readonly [MARKS]?: Marks
  readonly [REF]?: RefMark
}

/** Reads the fields of a shape. */
export function fieldsOf(shape: Record<string, z.core.SomeType>): readonly Field[] {
  return Object.entries(shape).map(([name, schema]) => fieldOf(schema, { name, path: name, around: [] }))
}

/** Gives the field itself, or of lists that of their elements. */
export function innermost(field: Field): Field {
  return field.element ? innermost(field.element) : field
}

/** Tells a field that is never shown, or a list of nothing else. */
export function isSecret(field: Field | undefined): boolean {
  return field !== undefined && (field.marks.secret === true || isSecret(field.element))
}

interface Place {
  readonly name: string
  readonly path: string
  /** The objects that it lies in. */
  readonly around: readonly z.core.SomeType[]
}

function fieldOf(schema: z.core.SomeType, { name, path, around }: Place): Field {
  const found = {
    optional: false,
    nullable: false,
    defaultOf: undefined as (() => unknown) | undefined,
    marks: {} as Marks,
  }
  let core = schema
  let definition = definitionOf(core)
  for (;;) {
    found.marks = { ...found.marks, ...definition[MARKS] }
    const inner = innerOf(definition)
    if (!inner) break
    if (definition.type === 'optional') found.optional = true
    if (definition.type === 'nullable') found.nullable = true
    if (definition.type === 'default' || definition.type === 'prefault') {
      const holder = definition
      found.defaultOf ??= () => holder.defaultValue
    }
    core = inner
    definition = definitionOf(inner)
  }
  // What holds itself has no end: further down, any value may lie.
  const leaf = around.includes(core) ? mixed : leafOf(definition, found.marks, { path, around: [...around, core] })
  // A list of secrets is a secret.
  if (leaf.element?.marks.secret) found.marks = { ...found.marks, secret: true }
  return { name, path, schema, ...found, ...leaf }
}

function definitionOf(schema: z.core.SomeType): Definition {
  return schema._zod.def as unknown as Definition
}

function innerOf(definition: Definition): z.core.SomeType | undefined {
  if (definition.type === 'pipe') return isTransform(definition.in) ? definition.out : definition.in
  if (definition.type === 'lazy') return undefined
  return definition.innerType
}

function isTransform(schema: z.core.SomeType | undefined): boolean {
  return schema !== undefined && definitionOf(schema).type === 'transform' && !definitionOf(schema)[REF]
}

type Leaf = Pick<Field, 'kind' | 'ref' | 'element' | 'fields' | 'loose' | 'values'>

const leaf = { ref: undefined, element: undefined, fields: undefined, loose: false, values: undefined }
const mixed: Leaf = { ...leaf, kind: 'mixed' }

function leafOf(definition: Definition, marks: Marks, { path, around }: Omit<Place, 'name'>): Leaf {
  if (marks.many) return { ...leaf, kind: 'many' }
  if (definition[REF]) return { ...leaf, kind: 'ref', ref: definition[REF] }
  if (marks.bson) return { ...leaf, kind: marks.bson }
  if (definition.type === 'array' && definition.element)
    return { ...leaf, kind: 'array', element: fieldOf(definition.element, { name: '', path, around }) }
  if (definition.type === 'object' && definition.shape)
    return {
      ...leaf,
      kind: 'object',
      fields: Object.entries(definition.shape).map(([name, schema]) =>
        fieldOf(schema, { name, path: `${path}.${name}`, around }),
      ),
      loose: definition.catchall !== undefined && definitionOf(definition.catchall).type !== 'never',
    }
  if (definition.type === 'enum') return { ...leaf, ...ofValues(Object.values(definition.entries ?? {})) }
  if (definition.type === 'literal') return { ...leaf, ...ofValues(definition.values ?? []) }
  return { ...leaf, kind: kinds[definition.type] ?? 'mixed' }
}

function ofValues(values: readonly unknown[]): { kind: FieldKind; values: readonly unknown[] } {
  const types = new Set(values.map(value => typeof value))
  const only = types.size === 1 ? [...types][0] : undefined
  return { values, kind: only === 'string' || only === 'number' || only === 'boolean' ? only : 'mixed' }
}

const kinds: Record<string, FieldKind> = {
  string: 'string',
  template_literal: 'string',
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  date: 'date',
  bigint: 'long',
  record: 'record',
}
