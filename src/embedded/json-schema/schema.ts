// Checks documents against $jsonSchema.
import type { Document } from '../bson.ts'

export function compileSchema(_schema: Document): (document: Document) => Document | undefined {
  throw new TypeError('TODO json schema')
}
