// Reads the paths of updates: field names, array indexes, $, $[] and $[name].
import { CommandError } from '../errors.ts'
import { compareStrings } from '../values/values.ts'
import type { ArrayFilters } from './array-filters.ts'

export interface UpdatePath {
  readonly text: string
  readonly parts: readonly string[]
  /** whether it holds a placeholder: $, $[] or $[name] */
  readonly dynamic: boolean
}

/** Splits a path and refuses what MongoDB refuses. */
export function updatePath(text: string, filters: ArrayFilters): UpdatePath {
  if (text === '') throw new CommandError('EmptyFieldName', 'An empty update path is not valid.')
  const parts = text.split('.')
  if (parts.includes(''))
    throw new CommandError(
      'EmptyFieldName',
      `The update path '${text}' contains an empty field name, which is not allowed.`,
    )
  for (const part of parts) checkPlaceholder(part, text, filters)
  if (isPlaceholder(parts[0]!))
    throw new CommandError('BadValue', `Cannot have ${kindOf(parts[0]!)} in the first position in path '${text}'`)
  if (parts.filter(part => part === '$').length > 1)
    throw new CommandError('BadValue', `Too many positional (i.e. '$') elements found in path '${text}'`)
  if (parts[0]!.startsWith('$')) throw dollarPrefixed(text, parts[0]!)
  return { text, parts, dynamic: parts.some(isPlaceholder) }
}

/** Gives the name of a placeholder $[name], '' for $[], or undefined. */
export function placeholderName(part: string): string | undefined {
  return part.startsWith('$[') && part.endsWith(']') ? part.slice(2, -1) : undefined
}

/** Gives the array index a name stands for, or -1; unlike in filters, it may begin with zeros. */
export function elementIndex(name: string): number {
  return /^\d{1,9}$/.test(name) ? Number(name) : -1
}

/** The order in which an update visits its fields: by name, array indexes by number. */
export function comparePaths(a: UpdatePath, b: UpdatePath): number {
  const length = Math.min(a.parts.length, b.parts.length)
  for (let index = 0; index < length; index++) {
    const order = compareParts(a.parts[index]!, b.parts[index]!)
    if (order !== 0) return order
  }
  return a.parts.length - b.parts.length
}

function isPlaceholder(part: string): boolean {
  return part === '$' || placeholderName(part) !== undefined
}

function checkPlaceholder(part: string, text: string, filters: ArrayFilters): void {
  const name = placeholderName(part)
  if (name !== undefined && name !== '' && !filters.has(name))
    throw new CommandError('BadValue', `No array filter found for identifier '${name}' in path '${text}'`)
}

/** Names with a $ may stand inside documents, but not at the top of one that is updated. */
function dollarPrefixed(text: string, part: string): CommandError {
  return new CommandError(
    'DollarPrefixedFieldName',
    `The dollar ($) prefixed field '${part}' in '${text}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  )
}

function kindOf(part: string): string {
  return part === '$' ? "positional (i.e. '$') element" : 'array filter identifier'
}

function compareParts(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return a.length - b.length || compareStrings(a, b)
  return compareStrings(a, b)
}
