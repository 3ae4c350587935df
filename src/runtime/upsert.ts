// What an upsert inserts when it finds nothing: the update, the defaults of the model and the time of creation.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { settingsOf } from '../models/settings.ts'
import type { SentUpdate } from '../models/update.ts'
import { isEqualStored, toStored } from './codec.ts'

type Values = Record<string, unknown>

/** Adds to an update what makes a whole document of it. Throws `INVALID_UPDATE` when a required field stays without a value. */
export function upsertOf(definition: ModelDefinition, filter: Values, update: SentUpdate): Values {
  if (Array.isArray(update)) throw refused(definition, 'an upsert takes operators', 'write { $set: { path: value } }')
  const written = [...writtenBy(update), ...Object.keys(equalities(filter))]
  const inserted = completing(definition, definition.fields, written)
  return { ...update, $setOnInsert: { ...inserted, ...(update.$setOnInsert as Values | undefined) } }
}

// An object that is written in part is made of these parts alone, and of what is filled in here.
function completing(definition: ModelDefinition, fields: readonly Field[], written: readonly string[]): Values {
  const inserted: Values = {}
  for (const field of fields) {
    if (written.includes(field.path) || field.marks.transient || field.kind === 'many') continue
    if (written.some(path => path.startsWith(`${field.path}.`))) {
      Object.assign(inserted, completing(definition, field.fields ?? [], written))
      continue
    }
    const value = field.path === settingsOf(definition).createdAt ? new Date() : field.defaultOf?.()
    if (value !== undefined) inserted[field.path] = toStored(value, field)
    else if (!field.optional) throw refused(definition, `an upsert needs "${field.path}"`, 'add it to $setOnInsert')
  }
  return inserted
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
  $addToSet: value =>
    elementsOf(value).filter((item, i, all) => all.findIndex(other => isEqualStored(other, item)) === i),
  $currentDate: () => new Date(),
}

/** Gives what an upsert inserts, as a document is created from. Throws `INVALID_UPDATE` where only the server could tell. */
export function insertedBy(definition: ModelDefinition, filter: Values, update: unknown): Values {
  if (Array.isArray(update)) throw refused(definition, 'an upsert takes operators', 'write { $set: { path: value } }')
  const values = equalities(filter)
  const written = new Set<string>()
  for (const [operator, paths] of Object.entries(update as Values)) {
    for (const [path, value] of Object.entries(paths as Values)) {
      const make = fresh[operator]
      if (!make) throw refused(definition, `an upsert takes no ${operator} here`, 'insert the document by insertOne')
      if (operator === '$push' && isPlain(value) && ('$slice' in value || '$sort' in value))
        throw refused(definition, `an upsert takes no $slice and $sort here`, 'give the list as it is to be')
      if (written.has(path)) throw refused(definition, `two operators write "${path}"`, 'leave one of them out')
      if (path in values && !overwriting.has(operator))
        throw refused(definition, `${operator} of "${path}", which the filter sets, takes no upsert here`, 'use $set')
      values[path] = make(value)
      written.add(path)
    }
  }
  const dotted = Object.keys(values).find(path => path.includes('.'))
  if (dotted) throw refused(definition, `an upsert takes no "${dotted}" here`, 'give the field as a whole')
  return values
}

// What does not look at the value that is there.
const overwriting = new Set(['$set', '$setOnInsert', '$currentDate'])

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
