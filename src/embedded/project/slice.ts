// Projects a part of an array: $slice, $elemMatch and the positional operator.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isNumber, toDouble } from '../values/numbers.ts'

export interface Slice {
  readonly skip: number
  readonly limit: number
}

/** Reads the operand of $slice in a find; undefined where it is the one of an expression. */
export function sliceOf(operand: Value): Slice | undefined {
  if (isNumber(operand)) {
    const count = whole(operand)
    return count < 0 ? { skip: count, limit: -count } : { skip: 0, limit: count }
  }
  if (!Array.isArray(operand) || operand.length !== 2 || !operand.every(isNumber))
    return isExpressionForm(operand) ? undefined : refuse()
  const [skip = 0, limit = 0] = operand.filter(isNumber).map(whole)
  if (limit <= 0) throw new CommandError(28724, 'First argument to $slice must be an array, but is of type: int')
  return { skip, limit }
}

/** Cuts the arrays at a path; other values stay. */
export function slicedAt(document: Document, path: readonly string[], slice: Slice): Document {
  return changedAt(document, path, value => (Array.isArray(value) ? slicedArray(value, slice) : value))
}

/** Leaves the element at an index in the first array on a path. */
export function pickedAt(document: Document, path: readonly string[], position: number | undefined): Document {
  let isPicked = false
  const pick = (value: Value): Value => {
    if (isPicked || !Array.isArray(value)) return value
    isPicked = true
    return [elementAt(value, position)]
  }
  return changedOnTheWay(document, path, pick)
}

function whole(operand: Value): number {
  return isNumber(operand) ? Math.trunc(Math.max(-2147483648, Math.min(2147483647, toDouble(operand)))) || 0 : 0
}

function isExpressionForm(operand: Value): boolean {
  return Array.isArray(operand) && (operand.length === 2 || operand.length === 3)
}

function refuse(): never {
  throw new CommandError(
    28667,
    'Invalid $slice syntax. The given syntax did not match the find() syntax because :: $slice takes a number or an array of two numbers',
  )
}

function slicedArray(array: readonly Value[], { skip, limit }: Slice): Value[] {
  const start = skip < 0 ? Math.max(0, array.length + skip) : skip
  return array.slice(start, start + limit)
}

function elementAt(array: readonly Value[], position: number | undefined): Value {
  const prefix = 'Executor error during find command :: caused by :: positional operator'
  if (position === undefined)
    throw new CommandError(51246, `${prefix} '.$' couldn't find a matching element in the array`)
  const element = array[position]
  if (element === undefined) throw new CommandError(51247, `${prefix} '.$' element mismatch`)
  return element
}

function changedAt(document: Document, path: readonly string[], change: (value: Value) => Value): Document {
  const name = path[0]!
  const value = document.get(name)
  if (value === undefined) return document
  if (path.length === 1) return new Map(document).set(name, change(value))
  return new Map(document).set(name, changedBelow(value, path.slice(1), change))
}

function changedBelow(value: Value, path: readonly string[], change: (value: Value) => Value): Value {
  if (value instanceof Map) return changedAt(value, path, change)
  if (Array.isArray(value)) return value.map(item => (item instanceof Map ? changedAt(item, path, change) : item))
  return value
}

function changedOnTheWay(document: Document, path: readonly string[], change: (value: Value) => Value): Document {
  const name = path[0]!
  const value = document.get(name)
  if (value === undefined) return document
  const changed = change(value)
  if (changed !== value || path.length === 1 || !(value instanceof Map)) return new Map(document).set(name, changed)
  return new Map(document).set(name, changedOnTheWay(value, path.slice(1), change))
}
