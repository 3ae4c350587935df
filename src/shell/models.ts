// The project's models once their files are loaded: found by name, and checked for references to nothing.
import { relative } from 'node:path'
import type { Collection, Document as StoredDocument } from 'mongodb'
import { type GooseError, UnknownModel } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { describeModel, type FieldDescription, type ModelDescription } from '../models/describe.ts'
import type { Field } from '../models/field.ts'
import { suggestionOr } from '../models/nearest.ts'
import { adopt, type ModelClass, registeredModels } from '../models/registry.ts'
import type { Query } from '../runtime/query.ts'
import { loadFailed } from './modules.ts'

/** The class side of any model, without the types of its fields. */
export interface AnyModel extends ModelClass {
  new (input: Readonly<Record<string, unknown>>): AnyDocument
  readonly definition: ModelDefinition
  find(filter?: Readonly<Record<string, unknown>>): Query<unknown>
  findOne(filter: unknown): Promise<AnyDocument | null>
  get(id: unknown): Promise<AnyDocument>
  create(input: Readonly<Record<string, unknown>>): Promise<AnyDocument>
  insertMany(inputs: readonly Readonly<Record<string, unknown>>[]): Promise<readonly AnyDocument[]>
  collection(): Promise<Collection<StoredDocument>>
}

/** Any document, without the types of its fields. */
export interface AnyDocument {
  readonly _id: unknown
  [field: string]: unknown
  save(): Promise<unknown>
  delete(): Promise<void>
  toObject(): Record<string, unknown>
}

/** A model of the project: its class, and what displays say of it. */
export interface LoadedModel {
  readonly name: string
  readonly model: AnyModel
  readonly description: ModelDescription
}

/** Makes the exported classes of a model file the ones that stand for their models. */
export function adoptExports(exports: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(exports)) if (isModel(value)) adopt(value)
}

/** Gives the models that have been loaded. Throws at a reference to nothing, naming the user's file and line. */
export function openModels(root: string): readonly LoadedModel[] {
  for (const { definition } of sortedModels()) checkReferences(definition, root)
  return describedModels(root)
}

/** Gives the models that have been loaded, whatever they refer to. */
export function describedModels(root: string): readonly LoadedModel[] {
  return sortedModels().map(({ definition, model }) => {
    const description = describeModel(definition)
    return { name: definition.name, model: model as AnyModel, description: located(description, root) }
  })
}

/** Finds a model by its name, without case. Throws `UnknownModel` with the nearest name. */
export function findModel(models: readonly LoadedModel[], name: string): LoadedModel {
  const exact = models.find(model => model.name === name)
  const found = exact ?? models.find(model => model.name.toLowerCase() === name.toLowerCase())
  if (found) return found
  const names = models.map(model => model.name)
  throw new UnknownModel({
    name,
    nearest: suggestionOr(name, names, `run \`goose models\` to list all ${names.length}`),
  })
}

/** Gives every field of a model and of the objects in it. */
export function allFields(description: ModelDescription): readonly FieldDescription[] {
  const inside = (field: FieldDescription): readonly FieldDescription[] => [
    field,
    ...(field.fields ?? []).flatMap(inside),
  ]
  return description.fields.flatMap(inside)
}

function sortedModels() {
  return [...registeredModels()].sort((one, other) => (one.definition.name < other.definition.name ? -1 : 1))
}

function isModel(value: unknown): value is AnyModel {
  return typeof value === 'function' && typeof (value as Partial<AnyModel>).modelName === 'string'
}

function located(description: ModelDescription, root: string): ModelDescription {
  const inside = relative(root, description.location)
  return { ...description, location: inside.startsWith('..') ? description.location : inside }
}

function checkReferences(definition: ModelDefinition, root: string): void {
  for (const field of definition.fields.flatMap(withInner)) {
    if (!field.ref) continue
    const problem = problemOf(field)
    if (problem) throw referenceFailed(definition, field, problem, root)
  }
}

function withInner(field: Field): readonly Field[] {
  const inner = [...(field.element ? [field.element] : []), ...(field.fields ?? [])]
  return [field, ...inner.flatMap(withInner)]
}

function problemOf(field: Field): string | undefined {
  try {
    if (isModel(field.ref?.target())) return undefined
    return 'refers to nothing: what it names is no model, or is not exported where it is imported from'
  } catch (error) {
    return `refers to nothing: ${(error as Error).message}`
  }
}

function referenceFailed(definition: ModelDefinition, field: Field, problem: string, root: string): GooseError {
  const [, file = definition.location, line] = /^(.*):(\d+)$/.exec(definition.location) ?? []
  const reason = `${definition.name}.${field.path} ${problem}`
  const hint = 'import the model it refers to, or correct its name'
  return loadFailed({ file, root, ...(line ? { line: Number(line) } : {}), reason, hint })
}
