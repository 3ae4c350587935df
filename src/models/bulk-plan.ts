// What a plan says: which documents, which changes, what it will cost, and when it ends.

/** A value before and after, at a path. */
export interface PlannedChange {
  readonly path: string
  readonly from: unknown
  readonly to: unknown
}

/** Values of one path that change alike, and how many documents they are in; undefined where they differ from document to document. */
export interface ChangeCount extends PlannedChange {
  readonly count: number
  /** Whether `from` and `to` stand for many values. */
  readonly isVarious: boolean
}

/** A bulk change that was looked at and not yet made. `apply` makes it, if nothing has moved meanwhile. */
export interface BulkPlan {
  readonly id: string
  readonly kind: 'bulk update' | 'bulk delete'
  readonly model: string
  /** The alias of the connection. */
  readonly connection: string
  readonly summary: string
  readonly createdAt: Date
  readonly expiresAt: Date
  /** The filter as people read it, secrets masked. */
  readonly filter: string
  readonly matched: number
  /** Documents of the collection, as the server estimates them. */
  readonly total: number
  readonly index: {
    readonly name: string | null
    readonly keys: number | null
    readonly documents: number | null
    readonly scans: boolean
  }
  readonly changes: readonly ChangeCount[]
  readonly sample: readonly { readonly _id: unknown; readonly changes: readonly PlannedChange[] }[]
  /** Whether documents of a sample fit their model after the change. */
  readonly schema: { readonly checked: number; readonly valid: number; readonly issues: readonly string[] }
  /** Whether each document goes through its hooks. */
  readonly hooks: boolean
  readonly audited: boolean
  /** How many days the change can be taken back. */
  readonly undoDays: number
  readonly batch: number
  readonly batches: number
  /** About how many bytes of before-images are kept. */
  readonly journalBytes: number
  /** Of the documents as they were: `_id`s and the fields that change. */
  readonly digest: string
}
