// What bulkWrite takes and gives.
import type { Filter, Input, Shape } from '../models/infer.ts'
import type { UpdateDocument } from './update-types.ts'

/** One operation of bulkWrite. */
export type BulkOperation<D, S extends Shape> =
  | { readonly insertOne: { readonly document: Input<S> } }
  | { readonly updateOne: { readonly filter: Filter<D>; readonly update: UpdateDocument; readonly upsert?: boolean } }
  | {
      readonly updateMany: {
        readonly filter: Filter<D>
        readonly update: UpdateDocument
        readonly upsert?: boolean
        readonly all?: boolean
      }
    }
  | { readonly replaceOne: { readonly filter: Filter<D>; readonly replacement: Input<S>; readonly upsert?: boolean } }
  | { readonly deleteOne: { readonly filter: Filter<D> } }
  | { readonly deleteMany: { readonly filter: Filter<D>; readonly all?: boolean } }

/** The options of bulkWrite. */
export interface BulkWriteOptions {
  /** Whether the first error ends it; true unless said otherwise. */
  readonly ordered?: boolean
  /** Loads every document that is updated or deleted, and runs its hooks. */
  readonly hooks?: boolean
}

/** What bulkWrite has done. */
export interface BulkOutcome {
  readonly insertedCount: number
  readonly insertedIds: readonly unknown[]
  readonly matchedCount: number
  readonly modifiedCount: number
  readonly upsertedCount: number
  readonly deletedCount: number
}
