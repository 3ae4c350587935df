// Several models in one collection, told apart by the value of one field.
import * as z from 'zod'
import { GooseError } from '../errors.ts'
import { defineModel, type ModelDefinition } from './definition.ts'
import type { IndexDeclaration } from './index-declaration.ts'
import type { Shape } from './infer.ts'
import type { Plugin } from './plugin.ts'

/** How a variant is told apart and stored. */
export interface VariantOptions {
  /** The field that holds the variant's name; `_type` unless said otherwise. */
  readonly by?: string
  readonly indexes?: readonly IndexDeclaration[]
}

interface Family {
  readonly by: string
  readonly members: Map<string, ModelDefinition>
}

const families = new WeakMap<ModelDefinition, Family>()

/** Makes the definition of a variant: the fields of its model, its own, and the one that tells it apart. */
export function defineVariant(
  of: ModelDefinition,
  value: string,
  fields: Shape,
  options: VariantOptions = {},
): ModelDefinition {
  const root = rootOf(of)
  const family = families.get(root)
  const by = options.by ?? of.variant?.by ?? family?.by ?? '_type'
  if (family && family.by !== by) refuse(root, `its variants are told apart by "${family.by}", not by "${by}"`)
  const twice = Object.keys(fields).find(name => of.fieldByName.has(name) || name === by)
  if (twice) refuse(root, `its variant "${value}" declares "${twice}" again`)
  const { [by]: _told, ...shape } = of.shape
  const own = without(shape, of.plugins)
  const definition = defineModel(
    nameFor(value),
    { ...own, [by]: z.literal(value).default(value), ...fields },
    {
      collection: of.collection,
      connection: of.connection,
      plugins: of.plugins,
      indexes: options.indexes ?? [],
      strict: of.strict,
      validateOnRead: of.validateOnRead,
    },
  )
  if (definition.name === root.name) refuse(root, `its variant "${value}" has the name of the model`)
  const made = Object.freeze({ ...definition, variant: { of, by, value } })
  families.set(root, family ?? { by, members: new Map() })
  families.get(root)!.members.set(value, made)
  return made
}

/** Gives the model that a variant, or a variant of one, belongs to; a model without one itself. */
export function rootOf(definition: ModelDefinition): ModelDefinition {
  if (definition.archiveOf) return rootOf(definition.archiveOf)
  return definition.variant ? rootOf(definition.variant.of) : definition
}

/** Gives the filter that finds a variant, and those made from it; undefined for a model that is none. */
export function variantFilter(definition: ModelDefinition): Record<string, unknown> | undefined {
  if (!definition.variant) return undefined
  const values = [...(families.get(rootOf(definition))?.members.values() ?? [])]
    .filter(member => isWithin(member, liveOf(definition)))
    .map(member => member.variant!.value)
  return { [definition.variant.by]: values.length > 1 ? { $in: values } : definition.variant.value }
}

/** Gives the field that tells the variants of a model apart, when it has any. */
export function variantField(definition: ModelDefinition): string | undefined {
  return families.get(rootOf(definition))?.by
}

/** Gives the definition that a stored value of that field means. */
export function variantAt(definition: ModelDefinition, value: unknown): ModelDefinition | undefined {
  const found = families.get(rootOf(definition))?.members.get(String(value))
  return found && isWithin(found, liveOf(definition)) ? found : undefined
}

/** Gives the definition that the archive of a model stands for; of any other, itself. */
export function liveOf(definition: ModelDefinition): ModelDefinition {
  return definition.archiveOf ?? definition
}

/** Gives what a document of a model may be: the model itself, and the variants made from it. */
export function kindsOf(definition: ModelDefinition): readonly ModelDefinition[] {
  const live = liveOf(definition)
  return familyOf(definition).filter(member => isWithin(member, live))
}

/** Gives a model and all its variants. */
export function familyOf(definition: ModelDefinition): readonly ModelDefinition[] {
  const root = rootOf(definition)
  return [root, ...(families.get(root)?.members.values() ?? [])]
}

function isWithin(member: ModelDefinition, definition: ModelDefinition): boolean {
  return member === definition || (member.variant !== undefined && isWithin(member.variant.of, definition))
}

function without(shape: Shape, plugins: readonly Plugin[]): Shape {
  const byPlugins = new Set(plugins.flatMap(plugin => Object.keys((plugin.fields ?? {}) as object)))
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !byPlugins.has(name)))
}

function nameFor(value: string): string {
  const words = value.split(/[^A-Za-z0-9]+/).filter(Boolean)
  return words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}

function refuse(root: ModelDefinition, reason: string): never {
  throw new GooseError('MODEL_INVALID', { model: root.name, reason, hint: 'give it another name' })
}
