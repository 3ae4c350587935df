// Documents as plain rows for printing: references as ids or as what they were filled in with, secrets masked.
import { type Field, isSecret } from '../models/field.ts'
import { isReference } from '../models/ref.ts'
import { DocumentBase, modelOf, snapshotOf } from '../runtime/document.ts'
import type { Row } from './answer.ts'
import { Missing } from './output/cell.ts'

/** Makes a row of a document. References that were asked for and are gone become `Missing`. */
export function rowOf(document: unknown, selected: readonly string[] = []): Row {
  if (!(document instanceof DocumentBase)) return document as Row
  const { definition } = modelOf(document)
  const row: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(document.toObject())) {
    const field = definition.fieldByName.get(name)
    if (value === undefined || field?.marks.transient || !isAsked(name, selected)) continue
    if (isSecret(field) && !selected.includes(name)) continue
    row[name] = isSecret(field) ? '***' : plain(value, field, () => snapshotOf(document)[name])
  }
  return row
}

// A page by cursor reads what it is sorted by, also where that was not asked for.
function isAsked(name: string, selected: readonly string[]): boolean {
  if (selected.length === 0 || selected[0]?.startsWith('-')) return !selected.includes(`-${name}`)
  return name === '_id' || selected.some(path => path === name || path.startsWith(`${name}.`))
}

function plain(value: unknown, field: Field | undefined, stored: () => unknown): unknown {
  if (isSecret(field) && value !== null) return '***'
  if (value === null) return isGone(field, stored) ? new Missing(stored()) : null
  if (typeof value !== 'object' || value instanceof Date) return value
  if (isReference(value)) return value.toBSON()
  if (value instanceof DocumentBase) return rowOf(value)
  if (Array.isArray(value)) return value.map((item, index) => plain(item, field?.element, at(stored, index)))
  if (!isPlain(value)) return value
  const inner = Object.entries(value).map(([key, item]) => [key, plain(item, innerField(field, key), at(stored, key))])
  return Object.fromEntries(inner)
}

function isGone(field: Field | undefined, stored: () => unknown): boolean {
  if (!field?.ref) return false
  const before = stored()
  return before !== null && before !== undefined
}

function innerField(field: Field | undefined, key: string): Field | undefined {
  return field?.fields?.find(candidate => candidate.name === key)
}

function at(stored: () => unknown, key: string | number): () => unknown {
  return () => (stored() as Record<string | number, unknown> | undefined)?.[key]
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
