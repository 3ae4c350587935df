// Replaces documents as a whole, keeping their _id.
import { Timestamp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isIdentical } from '../values/identity.ts'
import { textOf } from '../values/text.ts'
import { equalValues } from '../values/values.ts'
import { timestampOf } from './assignment.ts'

/** Refuses field names at the top of a replacement that look like operators. */
export function checkReplacement(replacement: Document): void {
  for (const name of replacement.keys()) {
    if (name.startsWith('$'))
      throw new CommandError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      )
  }
}

/** Gives the replacement with the _id of the document first; the document itself when both are the same. */
export function replaced(document: Document, replacement: Document, now: Date): Document {
  const id = document.get('_id')
  const newId = replacement.get('_id')
  if (id !== undefined && newId !== undefined && !equalValues(id, newId))
    throw new CommandError(
      'ImmutableField',
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${textOf(newId)}`,
    )
  const result = withId(newId === undefined ? id : newId, replacement)
  for (const [name, value] of result) if (isEmptyTimestamp(value)) result.set(name, timestampOf(now))
  return isIdentical(result, document) ? document : result
}

/** Puts the _id before all other fields. */
export function withId(id: Value | undefined, document: Document): Document {
  const result: Document = new Map()
  if (id !== undefined) result.set('_id', id)
  for (const [name, value] of document) if (name !== '_id') result.set(name, value)
  return result
}

function isEmptyTimestamp(value: Value): boolean {
  return value instanceof Timestamp && value.t === 0 && value.i === 0
}
