// How a document looks when it is logged: its fields in order, secret and transient ones masked.
import { type Field, innermost } from '../models/field.ts'
import { isPlain } from './codec.ts'
import { type DocumentBase, modelOf } from './document.ts'

type Inspect = (value: unknown, options: unknown) => string

/** Gives the text of a document for `console.log` and the console of goose. */
export function inspected(document: DocumentBase, options: unknown, inspect: Inspect): string {
  const { definition, modelName } = modelOf(document)
  return `${modelName} ${inspect(shownFields({ ...document }, definition.fields), options)}`
}

function shownFields(values: object, fields: readonly Field[]): object {
  const byName = new Map(fields.map(field => [field.name, field]))
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value, byName.get(name))]))
}

function shown(value: unknown, field: Field | undefined): unknown {
  if (!field || value === null || value === undefined) return value
  if (field.marks.secret || field.marks.transient) return '***'
  if (field.marks.encrypted) return '(encrypted)'
  if (Array.isArray(value)) return value.map(item => shown(item, field.element))
  const { fields } = innermost(field)
  return fields && isPlain(value) ? shownFields(value, fields) : value
}
