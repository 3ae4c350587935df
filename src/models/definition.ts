// A model as data: its name, collection, fields, plugins and options, made once by model().
import * as z from 'zod'
import { GooseError } from '../errors.ts'
import { type Field, fieldsOf } from './field.ts'
import { type HookName, hookNames } from './hooks.ts'
import type { IndexDeclaration } from './index-declaration.ts'
import type { Shape } from './infer.ts'
import type { Plugin } from './plugin.ts'
import { collectionFor } from './plural.ts'

/** The options of model(). */
export interface ModelOptions<Plugins extends readonly Plugin[] = readonly Plugin[]> {
  readonly collection?: string
  readonly connection?: string
  readonly indexes?: readonly IndexDeclaration[]
  readonly plugins?: Plugins
  /** What becomes of stored fields that the model does not declare: kept, or left out when read. */
  readonly strict?: boolean
  readonly validateOnRead?: boolean
}

/** A model as data. */
export interface ModelDefinition {
  readonly name: string
  readonly collection: string
  readonly connection: string
  readonly shape: Shape
  readonly fields: readonly Field[]
  readonly fieldByName: ReadonlyMap<string, Field>
  readonly indexes: readonly IndexDeclaration[]
  readonly plugins: readonly Plugin[]
  readonly strict: boolean
  readonly validateOnRead: boolean
  /** Where model() was called, as file:line. */
  readonly location: string
  /** The model whose archive it stands for, and the database of that, when it is another one. */
  readonly archiveOf?: ModelDefinition
  readonly database?: string
  /** The model it is a variant of, and the stored value that says so. */
  readonly variant?: { readonly of: ModelDefinition; readonly by: string; readonly value: string }
}

const reserved = new Set([
  'save',
  'delete',
  'reload',
  'update',
  'populate',
  'isNew',
  'isDirty',
  'changes',
  'toJSON',
  'toObject',
  'toBSON',
  'equals',
  'load',
  'hardDelete',
  'restore',
  'history',
  'revertTo',
])

/** Makes the definition of a model; refuses what could not work. */
export function defineModel(name: string, shape: Shape, options: ModelOptions = {}): ModelDefinition {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) refuse(name, 'its name is not a word', 'name it like a class: model("User", …)')
  const plugins = options.plugins ?? []
  const whole: Shape = Object.assign({}, shape, ...plugins.map(plugin => plugin.fields ?? {}))
  for (const [field, schema] of Object.entries(whole)) checkField(name, field, schema)
  const fields = fieldsOf(whole)
  return Object.freeze({
    name,
    collection: options.collection ?? collectionFor(name),
    connection: options.connection ?? 'default',
    shape: whole,
    fields,
    fieldByName: new Map(fields.map(field => [field.name, field])),
    indexes: [...(options.indexes ?? []), ...plugins.flatMap(plugin => plugin.indexes ?? [])],
    plugins,
    strict: options.strict ?? false,
    validateOnRead: options.validateOnRead ?? false,
    location: callerOf(),
  })
}

/** Says why a model can have no field of a name, if it cannot. */
export function fieldNameFault(field: string): string | undefined {
  if (reserved.has(field)) return `"${field}" is the name of a document's own method`
  if (field in Object.prototype) return `"${field}" is a name that every object has`
  if (field.startsWith('$') || field.includes('.')) return `field "${field}" begins with $ or holds a dot`
  if (field === '') return 'a field has no name'
  if (hookNames.includes(field as HookName)) return `"${field}" is the name of a hook`
  return undefined
}

function checkField(model: string, field: string, schema: unknown): void {
  const fault = fieldNameFault(field)
  if (fault) refuse(model, fault, 'give the field another name')
  if (!(schema instanceof z.core.$ZodType))
    refuse(model, `field "${field}" is not a zod 4 schema`, 'write it with z from "goose-odm"')
}

function refuse(model: string, reason: string, hint: string): never {
  throw new GooseError('MODEL_INVALID', { model, reason, hint })
}

// The first frame outside this library is the user's model file.
function callerOf(): string {
  const own = new URL('..', import.meta.url).href
  const frames = (new Error('where').stack ?? '').split('\n').slice(1)
  const frame = frames.find(
    line =>
      /[:/]/.test(line) && !line.includes(own) && !line.includes(own.replace('file://', '')) && !line.includes('node:'),
  )
  return frame?.match(/(?:file:\/\/)?([^\s(]+:\d+):\d+\)?$/)?.[1] ?? ''
}
