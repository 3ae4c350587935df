// What a written value is, as far as can be known without running code, and what can be asked of it.
import { Db } from 'mongodb'
import { DocumentBase, modelOf } from '../../runtime/document.ts'
import { Query } from '../../runtime/query.ts'
import type { LoadedModel } from '../models.ts'
import { endingQuery, givingDocument, givingQuery } from './completion-words.ts'
import type { Chain, Step } from './cursor-place.ts'

/** What a value is. */
export type Subject =
  | { readonly kind: 'model' | 'query' | 'document'; readonly model: LoadedModel }
  | { readonly kind: 'value'; readonly value: unknown }

/** Finds out what values are, from the models and the names of a session. */
export class Subjects {
  readonly #models: readonly LoadedModel[]
  readonly #scope: Readonly<Record<string, unknown>>

  constructor(models: readonly LoadedModel[], scope: Readonly<Record<string, unknown>>) {
    this.#models = models
    this.#scope = scope
  }

  /** Says what a chain is; nothing where only code could tell. */
  of({ root, steps }: Chain, upTo?: 'before its last step'): Subject | undefined {
    let subject = this.#root(root)
    for (const step of upTo ? steps.slice(0, -1) : steps) subject = subject && this.#after(subject, step)
    return subject
  }

  /** Gives what can be asked of a value; what begins with an underscore only when that was typed. */
  members(subject: Subject | undefined, stem: string): readonly string[] {
    if (!subject) return []
    const isDatabase = subject.kind === 'value' && subject.value instanceof Db
    const collections = isDatabase ? this.#models.map(({ description }) => description.collection) : []
    const names = [...collections, ...namesOf(subject)].filter(name => /^[\p{L}_$][\w$]*$/u.test(name))
    return names.filter(name => stem.startsWith('_') || name === '_id' || !name.startsWith('_'))
  }

  #root(name: string): Subject | undefined {
    const model = this.#models.find(candidate => candidate.name === name)
    if (model) return { kind: 'model', model }
    const value = this.#scope[name]
    return value === undefined ? undefined : this.#described(value)
  }

  #described(value: unknown): Subject {
    const model = this.#models.find(candidate => candidate.model === value)
    if (model) return { kind: 'model', model }
    const name =
      value instanceof DocumentBase ? modelOf(value).modelName : value instanceof Query ? nameOf(value) : undefined
    const own = this.#models.find(candidate => candidate.name === name)
    return own ? { kind: value instanceof Query ? 'query' : 'document', model: own } : { kind: 'value', value }
  }

  #after(subject: Subject, { name, isCalled }: Step): Subject | undefined {
    if (subject.kind === 'value') return isCalled ? undefined : this.#described(dataOf(subject.value, name))
    if (!isCalled) return undefined
    const { kind, model } = subject
    if (kind === 'model' && givingQuery.has(name)) return { kind: 'query', model }
    if (kind !== 'document' && givingDocument.has(name)) return { kind: 'document', model }
    return kind === 'query' && !endingQuery.has(name) ? subject : undefined
  }
}

function namesOf(subject: Subject): readonly string[] {
  if (subject.kind === 'value') {
    const { value } = subject
    return value === null || value === undefined ? [] : chainNames(Object(value) as object, null)
  }
  if (subject.kind === 'query') return ownNames(Query.prototype)
  const { model, description } = subject.model
  if (subject.kind === 'model') return chainNames(model, Function.prototype).filter(name => !hidden.has(name))
  return [...description.fields.map(field => field.path), ...chainNames(model.prototype as object, Object.prototype)]
}

const hidden = new Set(['length', 'name', 'prototype', 'caller', 'arguments', 'stateOf'])

function chainNames(value: object, end: object | null): readonly string[] {
  const names: string[] = []
  for (let at: object | null = value; at !== null && at !== end; at = Object.getPrototypeOf(at) as object | null)
    names.push(...ownNames(at))
  return names
}

function ownNames(value: object): readonly string[] {
  return Object.getOwnPropertyNames(value).filter(name => name !== 'constructor')
}

/** Reads a property that is data: what would have to be worked out is not. */
function dataOf(value: unknown, name: string): unknown {
  for (let at: unknown = value; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found) return found.value
  }
  return undefined
}

function nameOf(query: Query<unknown>): string {
  return query.model.modelName
}
