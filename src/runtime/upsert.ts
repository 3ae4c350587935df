// What an upsert inserts when it finds nothing: the update, the defaults of the model and the time of creation.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import type { SentUpdate } from '../models/update.ts'
import { toStored } from './codec.ts'

type Values = Record<string, unknown>

/** Adds to an update what makes a whole document of it. Throws `INVALID_UPDATE` when a required field stays without a value. */
export function upsertOf(definition: ModelDefinition, filter: Values, update: SentUpdate): Values {
  if (Array.isArray(update)) throw refused(definition, 'an upsert takes operators', 'write { $set: { path: value } }')
  const written = new Set([...writtenBy(update), ...Object.keys(equalities(filter))].map(path => path.split('.')[0]!))
  const inserted: Values = {}
  for (const field of definition.fields) {
    if (written.has(field.name) || field.marks.transient || field.kind === 'many') continue
    const value = field.name === settingsOf(definition).createdAt ? new Date() : field.defaultOf?.()
    if (value !== undefined) inserted[field.name] = toStored(value, field)
    else if (!field.optional) throw refused(definition, `an upsert needs "${field.name}"`, 'add it to $setOnInsert')
  }
  return { ...update, $setOnInsert: { ...inserted, ...(update.$setOnInsert as Values | undefined) } }
}

// What each operator makes of a field that is not there.
const fresh: Readonly<Record<string, (value: unknown) => unknown>> = {
  $set: value => value,
  $setOnInsert: value => value,
  $inc: value => value,
  $min: value => value,
  $max: value => value,
  $mul: () => 0,
  $push: value => elementsOf(value),
  $addToSet: value => [...new Set(elementsOf(value))],
  $currentDate: () => new Date(),
}

/** Gives what an upsert inserts, as a document is created from. Throws `INVALID_UPDATE` where only the server could tell. */
export function insertedBy(definition: ModelDefinition, filter: Values, update: unknown): Values {
  if (Array.isArray(update)) throw refused(definition, 'an upsert takes operators', 'write { $set: { path: value } }')
  const values = equalities(filter)
  for (const [operator, paths] of Object.entries(update as Values)) {
    for (const [path, value] of Object.entries(paths as Values)) {
      const make = fresh[operator]
      if (!make) throw refused(definition, `an upsert takes no ${operator} here`, 'insert the document by insertOne')
      values[path] = make(value)
    }
  }
  const dotted = Object.keys(values).find(path => path.includes('.'))
  if (dotted) throw refused(definition, `an upsert takes no "${dotted}" here`, 'give the field as a whole')
  return values
}

function elementsOf(value: unknown): readonly unknown[] {
  const each = (value as { readonly $each?: readonly unknown[] } | null)?.$each
  return each ?? [value]
}

function writtenBy(update: Values): readonly string[] {
  return Object.values(update).flatMap(paths => Object.keys(paths as object))
}

/** Gives what a filter asks to be equal: the server takes it into the document that an upsert inserts. */
export function equalities(filter: Values): Values {
  const nested = ((filter.$and ?? []) as Values[]).map(equalities)
  const own = Object.entries(filter).filter(([path, value]) => !path.startsWith('$') && !isCondition(value))
  return Object.assign({}, ...nested, Object.fromEntries(own.map(([path, value]) => [path, equalTo(value)])))
}

function equalTo(value: unknown): unknown {
  const isEq = typeof value === 'object' && value !== null && '$eq' in value
  return isEq ? value.$eq : value
}

function isCondition(value: unknown): boolean {
  if (value instanceof RegExp) return true
  if (typeof value !== 'object' || value === null) return false
  const names = Object.keys(value)
  return names.some(name => name.startsWith('$')) && !names.includes('$eq')
}

function refused(definition: ModelDefinition, reason: string, hint: string): GooseError {
  return new GooseError('INVALID_UPDATE', { model: definition.name, reason, hint })
}
