// The kinds of values that a field of a model may hold.

export type FieldKind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'date'
  | 'objectId'
  | 'decimal'
  | 'long'
  | 'binary'
  | 'uuid'
  | 'ref'
  | 'many'
  | 'object'
  | 'array'
  | 'record'
  | 'mixed'
