// What an index of a model is declared with.

/** A declared index: the driver's own words. */
export interface IndexDeclaration {
  readonly key: Readonly<Record<string, 1 | -1 | 'text' | '2d' | '2dsphere' | 'hashed'>>
  readonly unique?: boolean
  readonly sparse?: boolean
  readonly name?: string
  readonly expireAfterSeconds?: number
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>
  readonly collation?: Readonly<{ locale: string; [option: string]: unknown }>
  readonly weights?: Readonly<Record<string, number>>
  readonly default_language?: string
  readonly wildcardProjection?: Readonly<Record<string, 0 | 1>>
}
