// Makes what a file holds ready to be stored: fitted to its model, with an _id, its secrets encrypted.
import { createHash } from 'node:crypto'
import { BSON, Decimal128, Long, ObjectId, UUID } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { settingsOf } from '../models/settings.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { misfitsOf } from '../runtime/stored-fit.ts'
import type { Entry } from './formats/entry.ts'
import { timeOf } from './formats/extended-types.ts'
import type { FileFormat } from './formats/format.ts'
import { Unreadable } from './formats/json-scanner.ts'
import { type StoredMap, storedMap, valueAt } from './formats/stored-map.ts'
import { sealed } from './import-sealing.ts'
import type { ImportMode } from './import-write.ts'

/** A document of a file, ready to be written, or what is wrong with it. */
export interface Prepared {
  readonly entry: Entry
  readonly document?: StoredMap
  /** The fields that were filled in: those of a second attempt may differ. */
  readonly filled?: readonly string[]
  readonly problem?: string
}

/** How documents are made ready. */
export interface Preparation {
  readonly model: RuntimeModel
  readonly format: FileFormat
  readonly validates: boolean
  readonly fillsDefaults: boolean
  readonly mode: ImportMode
  /** The paths that tell which stored document is meant. */
  readonly key: readonly string[]
  /** What ids of documents without one are made of, so that a repeated batch makes the same. */
  readonly seed: string
}

/** Makes one document ready; `number` is its place in the file. */
export async function prepared(preparation: Preparation, entry: Entry, number: number): Promise<Prepared> {
  if (!entry.bytes) return { entry, problem: entry.problem ?? 'it cannot be read' }
  try {
    return await documentOf(preparation, entry, number)
  } catch (error) {
    if (error instanceof Unreadable) return { entry, problem: error.message }
    throw error
  }
}

async function documentOf(preparation: Preparation, entry: Entry, number: number): Promise<Prepared> {
  const { model, validates, mode, key } = preparation
  const { definition } = model
  const bytes = entry.bytes!
  const given = storedMap(bytes)
  const isTyped = preparation.format === 'ejson' || preparation.format === 'bson'
  const hasChanged = validates && !isTyped && typeFields(definition.fields, given)
  const filled = preparation.fillsDefaults ? fillDefaults(definition, given) : []
  if (validates && mode !== 'delete') {
    const stored = hasChanged || filled.length > 0 ? Buffer.from(BSON.serialize(given)) : bytes
    // Of a part of a document, as a merge takes it, what it does not have is not missed.
    const issues = (await misfitsOf(model, stored)).filter(
      ({ path }) => mode !== 'merge' || given.has(path.split('.')[0]!),
    )
    if (issues.length > 0) throw new Unreadable(issues.map(({ path, message }) => `${path}: ${message}`).join('; '), 0)
  }
  const isById = mode === 'insert' || key.includes('_id')
  const isWhole = mode === 'insert' || mode === 'upsert'
  const named = isById && isWhole ? withId(given, () => idFor(preparation.seed, number)) : given
  const dotted = mode === 'merge' ? [...named.keys()].find(name => /^\$|\./.test(name)) : undefined
  // To the server it would be a path into another field.
  if (dotted !== undefined) throw new Unreadable(`${JSON.stringify(dotted)} cannot be merged, only inserted`, 0)
  if (mode !== 'insert' && key.some(path => valueAt(named, path) === undefined))
    throw new Unreadable(`it has no ${key.join(', ')}, which names the document that is meant`, 0)
  // Ciphertext belongs to one _id: without it, nothing can be encrypted before the stored document is known.
  const document = isById && mode !== 'delete' ? sealed(definition, named) : named
  return { entry, document, filled }
}

// MongoDB keeps _id in the first place, wherever a file has it.
function withId(given: StoredMap, make: () => ObjectId): StoredMap {
  const id = given.get('_id')
  if (id !== undefined && given.keys().next().value === '_id') return given
  return new Map([['_id', id ?? make()], ...[...given].filter(([name]) => name !== '_id')])
}

function idFor(seed: string, number: number): ObjectId {
  const id = createHash('sha256').update(seed).digest().subarray(0, 12)
  id.writeUInt32BE(number, 8)
  return new ObjectId(Uint8Array.from(id))
}

function fillDefaults(definition: ModelDefinition, document: StoredMap): readonly string[] {
  const now = new Date()
  const filled: string[] = []
  const { createdAt, updatedAt } = settingsOf(definition)
  for (const field of definition.fields) {
    if (document.has(field.name) || !field.defaultOf || field.marks.transient || field.kind === 'many') continue
    const isTime = field.name === createdAt || field.name === updatedAt
    const value = isTime ? now : field.defaultOf()
    if (value === undefined) continue
    document.set(field.name, value)
    filled.push(field.name)
  }
  return filled
}

/** Gives text the types that its fields have, in formats that may have no types; tells whether it changed anything. */
function typeFields(fields: readonly Field[], document: StoredMap): boolean {
  let hasChanged = false
  for (const field of fields) {
    const value = document.get(field.name)
    if (value === undefined || value === null) continue
    const typed = typedValue(field, value)
    if (typed === value) continue
    document.set(field.name, typed)
    hasChanged = true
  }
  return hasChanged
}

function typedValue(field: Field, value: unknown): unknown {
  if (value instanceof Map && field.fields) return typeFields(field.fields, value) ? new Map(value) : value
  if (Array.isArray(value) && field.element) {
    const items = value.map(item => typedValue(field.element!, item))
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  return typeof value === 'string' ? typedText(field, value) : value
}

function typedText(field: Field, text: string): unknown {
  const isId = field.kind === 'objectId' || (field.kind === 'ref' && field.ref?.by === '_id')
  if (isId && /^[0-9a-f]{24}$/i.test(text)) return new ObjectId(text)
  if (field.kind === 'date') {
    const time = timeOf(text)
    return Number.isNaN(time) ? text : new Date(time)
  }
  if (field.kind === 'long' && /^[+-]?\d{1,19}$/.test(text)) return Long.fromString(text)
  if (field.kind === 'uuid' && UUID.isValid(text)) return new UUID(text)
  if (field.kind === 'decimal' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Decimal128.fromString(text)
  return text
}
