// Indexes of a collection as a model declares them, and what of them it cannot.
import type { IndexDeclaration } from '../models/index-declaration.ts'
import type { StoredIndex } from '../models/index-plan.ts'
import type { FieldType, InferredField } from './inference-field.ts'

/** The indexes of a model, with the fields that they alone know of. */
export interface InferredIndexes {
  readonly indexes: readonly IndexDeclaration[]
  readonly fields: readonly InferredField[]
  readonly notes: readonly string[]
}

/** Declares the indexes of a collection; a path that no document had becomes a field. */
export function declareIndexes(
  stored: readonly StoredIndex[],
  fields: readonly InferredField[],
  options: { readonly added: ReadonlySet<string>; readonly canBe: (name: string) => boolean },
): InferredIndexes {
  const indexes: IndexDeclaration[] = []
  const notes: string[] = []
  let all = fields
  for (const index of stored.filter(({ name }) => name !== '_id_')) {
    const declared = declarationOf(index)
    const paths = declared
      ? Object.keys(declared.key).filter(path => !isWild(path) && !options.added.has(head(path)))
      : []
    const withPaths = paths.reduce<readonly InferredField[] | undefined>(
      (known, path) => known && withPath(known, path.split('.'), options.canBe),
      all,
    )
    if (declared && withPaths) {
      indexes.push(declared)
      all = withPaths
      if (index.hidden) notes.push(`index ${index.name} is hidden, which a model cannot say`)
    } else {
      notes.push(
        `index ${index.name} is not declared, since ${declared ? 'it is on names that no field can have' : 'goose has no index of its kind'}`,
      )
    }
  }
  return { indexes, fields: all, notes }
}

const ways = new Set(['text', '2d', '2dsphere', 'hashed'])

function declarationOf(index: StoredIndex): IndexDeclaration | undefined {
  const key = keyOf(index)
  if (Object.values(key).some(way => typeof way === 'string' && !ways.has(way))) return undefined
  const isText = '_fts' in index.key
  const isOwnName = index.name !== Object.entries(index.key).flat().join('_')
  const flags = {
    ...(index.unique === true ? { unique: true } : {}),
    ...(index.sparse === true ? { sparse: true } : {}),
  }
  const given = index as unknown as IndexDeclaration
  return {
    key: key as IndexDeclaration['key'],
    ...flags,
    ...(given.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: Number(given.expireAfterSeconds) }),
    ...(given.partialFilterExpression ? { partialFilterExpression: given.partialFilterExpression } : {}),
    ...(given.collation && !isText ? { collation: collationOf(given.collation) } : {}),
    ...(isText ? textOptions(index) : {}),
    ...(given.wildcardProjection ? { wildcardProjection: given.wildcardProjection } : {}),
    ...(isOwnName && !isText ? { name: index.name } : {}),
  }
}

// A text index is listed with the keys _fts and _ftsx and its paths in the weights.
function keyOf({ key, weights }: StoredIndex): Readonly<Record<string, unknown>> {
  const texts = Object.keys((weights ?? {}) as object).map(path => [path, 'text'])
  const entries = Object.entries(key).flatMap(([path, way]) => {
    if (path === '_fts') return texts
    if (path === '_ftsx') return []
    return [[path, typeof way === 'string' ? way : Number(way) < 0 ? -1 : 1]]
  })
  return Object.fromEntries(entries)
}

function textOptions(index: StoredIndex): Partial<IndexDeclaration> {
  const weights = Object.entries((index.weights ?? {}) as object).filter(([, weight]) => Number(weight) !== 1)
  const language = index.default_language
  return {
    ...(weights.length > 0
      ? { weights: Object.fromEntries(weights.map(([path, weight]) => [path, Number(weight)])) }
      : {}),
    ...(typeof language === 'string' && language !== 'english' ? { default_language: language } : {}),
  }
}

const usual: Readonly<Record<string, unknown>> = {
  caseLevel: false,
  caseFirst: 'off',
  strength: 3,
  numericOrdering: false,
  alternate: 'non-ignorable',
  maxVariable: 'punct',
  normalization: false,
  backwards: false,
}

function collationOf(
  collation: NonNullable<IndexDeclaration['collation']>,
): NonNullable<IndexDeclaration['collation']> {
  const own = Object.entries(collation).filter(([name, value]) => name !== 'version' && usual[name] !== value)
  return { locale: collation.locale, ...Object.fromEntries(own) }
}

function isWild(path: string): boolean {
  return path === '$**' || path.endsWith('.$**')
}

function head(path: string): string {
  return path.split('.')[0]!
}

/** Gives the fields with one at a path, which may be there already; undefined where there can be none. */
function withPath(
  fields: readonly InferredField[],
  [name = '', ...rest]: readonly string[],
  canBe: (name: string) => boolean,
): readonly InferredField[] | undefined {
  if (name === '_id') return fields
  const there = fields.find(field => field.name === name)
  if (!there) return canBe(name) ? [...fields, unseen(name)] : undefined
  const type = rest.length === 0 ? there.type : inside(there.type, rest, canBe)
  return type && fields.map(field => (field === there ? { ...field, type } : field))
}

function unseen(name: string): InferredField {
  const notes = ['there is an index on it, and no document that was read has it']
  return { name, type: { kind: 'unknown' }, optional: true, nullable: false, notes }
}

function inside(type: FieldType, rest: readonly string[], canBe: (name: string) => boolean): FieldType | undefined {
  if (type.kind === 'array') {
    const at = /^\d+$/.test(rest[0] ?? '') ? rest.slice(1) : rest
    const of = at.length === 0 ? type.of : inside(type.of, at, canBe)
    return of && { ...type, of }
  }
  if (type.kind === 'nullable') {
    const of = inside(type.of, rest, canBe)
    return of && { ...type, of }
  }
  if (type.kind === 'object') {
    const fields = withPath(type.fields, rest, canBe)
    return fields && { ...type, fields }
  }
  return ['loose', 'record', 'union', 'tuple', 'unknown'].includes(type.kind) ? type : undefined
}
