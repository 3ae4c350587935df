// How a document looks when it is logged: its fields in order, hidden ones masked wherever they lie.
import type { Field } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { fieldNamed } from './codec.ts'
import { type DocumentBase, modelOf } from './document.ts'

type Inspect = (value: unknown, options: unknown) => string

/** Gives the text of a document for `console.log` and the console of goose. */
export function inspected(document: DocumentBase, options: unknown, inspect: Inspect): string {
  const { definition, modelName } = modelOf(document)
  const shown = Object.entries({ ...document }).map(
    ([name, value]) => [name, shownAs(value, definition.fieldByName.get(name))] as const,
  )
  return `${modelName} ${inspect(Object.fromEntries(shown), options)}`
}

function shownAs(value: unknown, field: Field | undefined): unknown {
  if (value === null || value === undefined || !field) return value
  if (field.marks.secret || field.marks.transient) return '***'
  if (field.marks.encrypted) return '(encrypted)'
  if (Array.isArray(value)) return value.map(item => shownAs(item, field.element))
  if (!field.fields || !isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, shownAs(item, fieldNamed(field.fields, name))]),
  )
}
