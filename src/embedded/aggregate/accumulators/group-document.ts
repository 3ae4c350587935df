// Gives the document that `n` of $firstN and the like is evaluated on: the key of the group.
import type { Document } from '../../bson/decode.ts'
import type { Result } from '../operator.ts'

const nothing: Document = new Map()

export function groupDocument(key: Result): Document {
  return key instanceof Map ? key : nothing
}
