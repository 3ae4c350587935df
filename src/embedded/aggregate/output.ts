// Describes where $out and $merge write.
import type { Document } from '../bson/decode.ts'

export interface OutOutput {
  readonly kind: 'out'
  readonly db: string
  readonly collection: string
}

export interface MergeOutput {
  readonly kind: 'merge'
  readonly db: string
  readonly collection: string
  /** the fields that identify a document; a unique index must cover them unless it is _id alone */
  readonly on: readonly string[]
  readonly whenMatched: 'replace' | 'keepExisting' | 'merge' | 'fail' | MergePipeline
  readonly whenNotMatched: 'insert' | 'discard' | 'fail'
}

/** Computes the new document from the stored and the incoming one. */
export type MergePipeline = (stored: Document, incoming: Document) => Document

export type Output = OutOutput | MergeOutput
