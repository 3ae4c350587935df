// Decides whether walking an index gives the order that a query asks for.
import { Int32 } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import type { Bounds } from './bounds.ts'
import type { FieldBounds } from './field-bounds.ts'

/** The way to walk the index so that documents come sorted; `undefined` when it does not sort them. */
export function sortingDirection(sort: Document, bounds: Bounds, index: IndexSpec): 1 | -1 | undefined {
  if (index.truncated || index.collation !== undefined || index.wildcard) return undefined
  const wanted = [...sort].map(([path, direction]) => [path, directionOf(direction)] as const)
  if (wanted.some(([, direction]) => direction === undefined)) return undefined
  if (
    wanted.some(([path]) => isMultikey(path, index)) &&
    !isWholeMultikey(
      wanted.map(([path]) => path),
      bounds,
      index,
    )
  )
    return undefined
  return walk(wanted as (readonly [string, 1 | -1])[], bounds, index)
}

function directionOf(direction: Value): 1 | -1 | undefined {
  if (typeof direction === 'object' && !(direction instanceof Int32)) return undefined
  const number = Number(direction)
  return number === 1 || number === -1 ? number : undefined
}

function isMultikey(path: string, index: IndexSpec): boolean {
  return index.multikey.some(prefix => path === prefix || path.startsWith(`${prefix}.`))
}

/** Documents sort by their least (or greatest) element, so no element may be hidden by bounds. */
function isWholeMultikey(paths: readonly string[], bounds: Bounds, index: IndexSpec): boolean {
  if (paths.filter(path => isMultikey(path, index)).length > 1) return false
  return bounds.fields.every(field => field.leaves.length === 0 || !isMultikey(field.path, index))
}

/** Follows the fields of the index and of the sort together; fields held at one value may be left out of either. */
function walk(wanted: readonly (readonly [string, 1 | -1])[], bounds: Bounds, index: IndexSpec): 1 | -1 | undefined {
  const constant = new Set(
    bounds.fields
      .filter((field, position) => isConstant(field, index, position < bounds.bound ? 'bound' : 'free'))
      .map(field => field.path),
  )
  let direction: 1 | -1 | undefined
  let position = 0
  for (const [path, asked] of wanted) {
    while (position < index.key.length && index.key[position]![0] !== path && isOnePoint(bounds, position)) position++
    const field = index.key[position]
    if (field !== undefined && field[0] === path) {
      const way = isOnePoint(bounds, position) ? direction : field[1] === asked ? 1 : -1
      if (direction !== undefined && way !== direction) return undefined
      direction = way
      position++
    } else if (!constant.has(path)) return undefined
  }
  return direction ?? 1
}

function isOnePoint(bounds: Bounds, position: number): boolean {
  const field = bounds.fields[position]
  return position < bounds.bound && field?.intervals.length === 1 && field.intervals[0]!.point
}

/** A field of one value in all documents found: not one of several elements. */
function isConstant(field: FieldBounds, index: IndexSpec, place: 'bound' | 'free'): boolean {
  return (
    place === 'bound' && field.intervals.length === 1 && field.intervals[0]!.point && !isMultikey(field.path, index)
  )
}
