// Finds the index that a hint names, by name or by key.
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import { equalValues } from '../values/values.ts'

export type Hinted =
  | { readonly kind: 'natural'; readonly reverse: boolean }
  | { readonly kind: 'index'; readonly index: IndexSpec }

/** Gives what a hint asks for; refuses one that names no index, as BadValue. Where there is no collection it asks nothing. */
export function hinted(hint: Value | undefined, indexes: readonly IndexSpec[]): Hinted | undefined {
  if (hint === undefined || hint === null || indexes.length === 0) return undefined
  if (hint instanceof Map) {
    if (hint.size === 0) return undefined
    const natural = hint.get('$natural')
    if (natural !== undefined) return { kind: 'natural', reverse: Number(natural) < 0 }
  } else if (typeof hint !== 'string') throw new CommandError('FailedToParse', 'Hint must be a string or an object')
  const index = indexes.find(({ name, raw, hidden }) => !hidden && (name === hint || equalValues(raw.get('key'), hint)))
  if (index !== undefined) return { kind: 'index', index }
  throw new CommandError(
    'BadValue',
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  )
}
