// All models of the process, by name; shared by every copy of this package that is loaded.
import { GooseError, UnknownModel } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import { describeDefinition } from './describe.ts'
import { suggestion } from './nearest.ts'

/** A registered model: its definition, and the most derived class seen so far. */
export interface RegisteredModel {
  readonly definition: ModelDefinition
  model: ModelClass
}

/** What the registry knows of a class. */
export interface ModelClass {
  readonly name: string
  readonly modelName: string
}

const KEY = Symbol.for('goose.models')

function registry(): Map<string, RegisteredModel> {
  const shared = globalThis as { [KEY]?: Map<string, RegisteredModel> }
  shared[KEY] ??= new Map()
  return shared[KEY]
}

/** Adds a model. Throws when another of the same name and other fields is there. */
export function register(definition: ModelDefinition, model: ModelClass): void {
  const there = registry().get(definition.name)
  if (there && !isSame(there.definition, definition))
    throw new GooseError('DUPLICATE_MODEL', {
      name: definition.name,
      first: there.definition.location || 'one',
      second: definition.location || 'another',
    })
  registry().set(definition.name, { definition, model })
}

/** Makes a class known as the one that stands for its model: the user's own, not the one it extends. */
export function adopt(model: ModelClass): void {
  const entry = registry().get(model.modelName)
  // The archive of a model extends it, and yet does not stand for it.
  if ((model as Partial<RegisteredModel>).definition?.archiveOf) return
  if (entry && entry.model !== model && Object.prototype.isPrototypeOf.call(entry.model, model)) entry.model = model
}

/** Gives all models in the order they were defined. */
export function registeredModels(): readonly RegisteredModel[] {
  return [...registry().values()]
}

/** Finds a model by its name, without case. Throws `UnknownModel` with the nearest name. */
export function modelNamed(name: string): RegisteredModel {
  const models = registeredModels()
  const found = registry().get(name) ?? models.find(entry => entry.definition.name.toLowerCase() === name.toLowerCase())
  if (found) return found
  throw new UnknownModel({
    name,
    nearest: suggestion(
      name,
      models.map(entry => entry.definition.name),
    ),
  })
}

/** Forgets all models; for reloading model files. */
export function forgetModels(): void {
  registry().clear()
}

function isSame(one: ModelDefinition, other: ModelDefinition): boolean {
  if (one.location !== '' && one.location === other.location) return true
  return JSON.stringify(describeDefinition(one)) === JSON.stringify(describeDefinition(other))
}
