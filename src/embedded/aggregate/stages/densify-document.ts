// Reads and makes the documents of $densify: fields below documents, never below the elements of arrays.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import type { Result } from '../operator.ts'
import { withValueAt } from '../path.ts'
import type { Densifying } from './densify-specification.ts'

export function nestedValue(document: Document, names: readonly string[]): Result {
  let value: Result = document
  for (const name of names) {
    if (!(value instanceof Map)) return undefined
    value = value.get(name)
  }
  return value
}

/** A document of the sample's partition with a value at the field. */
export function generatedIn(sample: Document, position: Value, { field, partition }: Densifying): Document {
  let document: Document = new Map()
  for (const names of partition) {
    const value = nestedValue(sample, names)
    if (value !== undefined) document = withValueAt(document, names, value)
  }
  checkPlace(document, field)
  return withValueAt(document, field, position)
}

function checkPlace(document: Document, field: readonly string[]): void {
  for (let length = 1; length < field.length; length++) {
    const value = nestedValue(document, field.slice(0, length))
    if (Array.isArray(value)) throw new CommandError(5733307, '$densify cannot generate fields nested inside arrays')
    if (value !== undefined && !(value instanceof Map))
      throw new CommandError(5733308, '$densify cannot overwrite non-object values with objects')
  }
}
