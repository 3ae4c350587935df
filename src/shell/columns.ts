// Which columns a table of a model has, and what is written above them.
import type { FieldDescription, ModelDescription } from '../models/describe.ts'
import type { Column } from './answer.ts'

/** Gives the columns of a model: those selected, in that order, or all but secret ones. */
export function columnsOf(description: ModelDescription, select: readonly string[] = []): readonly Column[] {
  const wanted = select.filter(path => !path.startsWith('-'))
  const hidden = new Set(select.filter(path => path.startsWith('-')).map(path => path.slice(1)))
  if (wanted.length > 0) return [...new Set(['_id', ...wanted])].map(path => columnOf(path))
  const shown = description.fields.filter(field => isShown(field) && !hidden.has(field.path))
  return shown.map(field => columnOf(field.path))
}

/** Makes a column of a path: `createdAt` is headed CREATED. */
function columnOf(path: string): Column {
  const words = path.replace(/^_id$/, 'id').replace(/(?<=[a-z])At$/, '')
  return { path, head: words.replace(/([a-z\d])([A-Z])/g, '$1 $2').toUpperCase() }
}

function isShown(field: FieldDescription): boolean {
  return !field.secret && !field.transient && field.type !== 'many'
}
