// A field as it was told from values: its type before it is written as zod, and what is uncertain.

/** The type of a field, before it is written as zod. */
export type FieldType =
  | { readonly kind: PlainKind }
  | { readonly kind: 'enum' | 'literal'; readonly values: readonly string[] }
  | { readonly kind: 'array' | 'record' | 'nullable'; readonly of: FieldType }
  | { readonly kind: 'tuple' | 'union'; readonly of: readonly FieldType[] }
  | { readonly kind: 'object' | 'loose'; readonly fields: readonly InferredField[] }
  | { readonly kind: 'ref'; readonly collection: string; readonly by: string }

/** Types without anything inside. */
export type PlainKind =
  | 'string'
  | 'email'
  | 'url'
  | 'boolean'
  | 'date'
  | 'int'
  | 'number'
  | 'nan'
  | 'long'
  | 'decimal'
  | 'objectId'
  | 'uuid'
  | 'binary'
  | 'unknown'

/** A field as it will be declared. */
export interface InferredField {
  readonly name: string
  readonly type: FieldType
  readonly optional: boolean
  readonly nullable: boolean
  /** Whether its name says that nobody should be shown it. */
  readonly isSecret?: boolean
  /** What is uncertain about it. */
  readonly notes: readonly string[]
}

/** A reference that a field was found to be. */
export interface FoundReference {
  readonly collection: string
  readonly by: string
}
