// Writes answers as JSON: documents by their declared fields, ids as hex, dates in ISO form, secrets never.
import type { ModelDefinition } from '../models/definition.ts'
import { type Field, isSecret } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { isReference } from '../models/ref.ts'
import { DocumentBase, modelOf } from '../runtime/document.ts'

/** Gives a value as JSON text. Documents are written without secret fields, and without stored ones that no model declares. */
export function jsonText(value: unknown): string {
  return textOf(value) ?? 'null'
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null'
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return `"${value}"`
    case 'object':
      return value === null ? 'null' : objectText(value)
    default:
      return undefined
  }
}

function objectText(value: object): string | undefined {
  if (Array.isArray(value)) return listText(value, textOf)
  if (isPlain(value) && typeof value.toJSON !== 'function') return entriesText(value)
  if (value instanceof DocumentBase) return documentText(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'null' : `"${value.toISOString()}"`
  return specialText(value as Special)
}

interface Special {
  readonly _bsontype?: string
  readonly toHexString?: () => string
  readonly toJSON?: () => unknown
  toString(): string
}

// JSON's numbers lose digits of these; text keeps them in every program that reads it.
function specialText(value: Special): string | undefined {
  if (value._bsontype === 'ObjectId' && value.toHexString) return `"${value.toHexString()}"`
  if (value._bsontype === 'Long' || value._bsontype === 'Decimal128') return JSON.stringify(value.toString())
  if (typeof value.toJSON === 'function') return textOf(value.toJSON())
  return entriesText(value as unknown as Record<string, unknown>)
}

function listText(list: readonly unknown[], write: (item: unknown) => string | undefined): string {
  let text = '['
  for (let i = 0; i < list.length; i++) text += `${i === 0 ? '' : ','}${write(list[i]) ?? 'null'}`
  return `${text}]`
}

function entriesText(value: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const name of Object.keys(value)) {
    const written = textOf(value[name])
    if (written !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${written}`
  }
  return `{${text}}`
}

function documentText(document: DocumentBase): string | undefined {
  // A class of the application may say itself what it shows.
  if (document.toJSON !== DocumentBase.prototype.toJSON) return textOf(document.toJSON())
  return writerOf(modelOf(document).definition)(document)
}

type Writer = (values: Readonly<Record<string, unknown>>) => string

interface Slot {
  readonly name: string
  readonly start: string
  readonly write: (value: unknown) => string | undefined
}

const writers = new WeakMap<ModelDefinition, Writer>()

function writerOf(definition: ModelDefinition): Writer {
  const there = writers.get(definition)
  if (there) return there
  const id: readonly Slot[] = definition.fieldByName.has('_id') ? [] : [{ name: '_id', start: '"_id":', write: textOf }]
  const made = writerFor([...id, ...slotsOf(definition.fields)])
  writers.set(definition, made)
  return made
}

function slotsOf(fields: readonly Field[]): readonly Slot[] {
  return fields
    .filter(field => !isSecret(field) && !field.marks.transient)
    .map(field => ({ name: field.name, start: `${JSON.stringify(field.name)}:`, write: valueWriter(field) }))
}

function writerFor(slots: readonly Slot[]): Writer {
  return values => {
    let text = '{'
    for (const { name, start, write } of slots) {
      const value = values[name]
      if (value === undefined) continue
      const written = write(value)
      if (written !== undefined) text += text === '{' ? start + written : `,${start}${written}`
    }
    return `${text}}`
  }
}

function valueWriter(field: Field): Slot['write'] {
  if (field.kind === 'many') return value => (Array.isArray(value) ? listText(value, textOf) : undefined)
  if (field.ref) return value => (isReference(value) ? textOf(value.toJSON()) : textOf(value))
  if (field.element) {
    const write = valueWriter(field.element)
    return value => (Array.isArray(value) ? listText(value, write) : textOf(value))
  }
  if (!field.fields || field.loose) return field.fields ? looseWriter(field.fields) : textOf
  const write = writerFor(slotsOf(field.fields))
  return value => (isPlain(value) ? write(value) : textOf(value))
}

// An object that takes any names shows them all, but for those declared as secret.
function looseWriter(fields: readonly Field[]): Slot['write'] {
  const writes = new Map(fields.map(field => [field.name, isSecret(field) ? () => undefined : valueWriter(field)]))
  return value => {
    if (!isPlain(value)) return textOf(value)
    let text = ''
    for (const name of Object.keys(value)) {
      const written = (writes.get(name) ?? textOf)(value[name])
      if (written !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${written}`
    }
    return `{${text}}`
  }
}
