// Decodes the part of a document that indexes read.
import { type Document, decodeDocument } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'

/** Gives the named top-level fields; all for null. */
export function indexedPart(bytes: Buffer, fields: ReadonlySet<string> | null): Document {
  return fields === null ? decodeDocument(bytes) : decodeFields(bytes, fields)
}
