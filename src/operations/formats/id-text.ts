// The _id of stored bytes as people read it.
import { BSON } from 'mongodb'

/** Gives the _id of a stored document as text. */
export function idText(bytes: Buffer): string {
  const { _id } = BSON.deserialize(bytes, { fieldsAsRaw: {}, promoteBuffers: false })
  return typeof _id === 'object' && _id !== null ? String(_id) : JSON.stringify(_id)
}
