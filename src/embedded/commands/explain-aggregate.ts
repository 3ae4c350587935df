// Explains a pipeline: how its first stages find documents, and the stages that follow.

import type { Document } from '../bson.ts'
import { document } from '../literal.ts'
import type { Operation } from '../room.ts'

export function explainAggregate(_operation: Operation): Document {
  return document({})
}
