// Checks what the kinds of indexes that are not plain ones allow: wildcard and hashed indexes.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileProjection } from '../project/projection.ts'
import { textOf } from '../values/text.ts'

type Key = readonly (readonly [path: string, direction: unknown])[]

export function checkKinds(raw: Document, key: Key): void {
  if (key.some(([path]) => isWildcard(path))) checkWildcard(raw)
  if (raw.has('wildcardProjection')) checkWildcardProjection(raw, key)
  checkHashed(raw)
}

export function isWildcard(path: string): boolean {
  return path === '$**' || path.endsWith('.$**')
}

/** The field that a hashed index hashes. */
export function hashedPath(raw: Document): string | undefined {
  return hashedPaths(raw)[0]
}

export function cannot(raw: Document, why: string): CommandError {
  return new CommandError('CannotCreateIndex', `Error in specification ${textOf(raw)} :: caused by :: ${why}`)
}

function checkWildcard(raw: Document): void {
  for (const option of ['unique', 'sparse', 'expireAfterSeconds'])
    if (raw.has(option) && raw.get(option) !== false)
      throw cannot(raw, `Index type 'wildcard' does not support the ${option} option`)
}

function checkWildcardProjection(raw: Document, key: Key): void {
  const caused = `Error in specification ${textOf(raw)} :: caused by ::`
  const projection = raw.get('wildcardProjection') as Value
  if (!(projection instanceof Map))
    throw new CommandError('TypeMismatch', `${caused} The field 'wildcardProjection' must be a non-empty object`)
  if (!key.some(([path]) => isWildcard(path)))
    throw new CommandError(
      'BadValue',
      `${caused} The field 'wildcardProjection' is only allowed in an 'wildcard' index`,
    )
  if (!key.some(([path]) => path === '$**'))
    throw new CommandError(
      'FailedToParse',
      `${caused} The field 'wildcardProjection' is only allowed when 'key' is {"$**": \u00b11}`,
    )
  if (projection.size === 0)
    throw new CommandError('FailedToParse', `${caused} The 'wildcardProjection' field can't be an empty object`)
  compileProjection(projection, { place: 'stage' })
}

function checkHashed(raw: Document): void {
  const count = hashedPaths(raw).length
  if (count === 0) return
  const unique = raw.get('unique')
  if (unique !== undefined && unique !== false)
    throw new CommandError(
      16764,
      `Error in specification ${textOf(raw)} :: caused by :: Currently hashed indexes cannot guarantee uniqueness. Use a regular index.`,
    )
  if (count > 1) throw cannot(raw, `A maximum of one index field is allowed to be hashed but found ${count}`)
}

function hashedPaths(raw: Document): string[] {
  const key = raw.get('key')
  return key instanceof Map ? [...key].filter(([, value]) => value === 'hashed').map(([path]) => path) : []
}
