// Implements $push with its modifiers, and $addToSet.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collation } from '../values/collation.ts'
import { integerOf, isNumber } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import { typeName } from '../values/type-names.ts'
import { compareValues, equalValues } from '../values/values.ts'
import { idText } from './arithmetic.ts'
import type { Operator } from './change.ts'

export const push: Operator = (operand, { collation }) => {
  const pushed = pushOf(operand, collation)
  return {
    absent: 'create',
    existing: (value, place) => {
      if (Array.isArray(value)) return pushed(value)
      throw new CommandError(
        'BadValue',
        `The field '${place.path}' must be an array but is of type ${typeName(value)} in document ${idText(place)}`,
      )
    },
    missing: () => pushed([]),
  }
}

export const addToSet: Operator = (operand, { collation }) => {
  const added = setItems(operand)
  return {
    absent: 'create',
    existing: (value, place) => {
      if (Array.isArray(value)) return union(value, added, collation)
      throw new CommandError(
        'BadValue',
        `Cannot apply $addToSet to non-array field. Field named '${place.path}' has non-array type ${typeName(value)}`,
      )
    },
    missing: () => [...union([], added, collation)],
  }
}

type Rearrange = (array: Value[]) => Value[]

const SAME: Rearrange = array => array

function pushOf(operand: Value, collation: Collation | undefined): Rearrange {
  if (!(operand instanceof Map) || !operand.has('$each')) return array => [...array, operand]
  for (const name of operand.keys())
    if (!CLAUSES.has(name)) throw new CommandError('BadValue', `Unrecognized clause in $push: ${name}`)
  const items = eachItems(operand.get('$each')!, '$push')
  const insert = insertion(items, operand.get('$position'))
  const sort = sorting(operand.get('$sort'), collation)
  const slice = slicing(operand.get('$slice'))
  return array => slice(sort(insert(array)))
}

const CLAUSES = new Set(['$each', '$position', '$sort', '$slice'])

function eachItems(items: Value, operator: '$push' | '$addToSet'): readonly Value[] {
  if (Array.isArray(items)) return items
  throw new CommandError(
    operator === '$push' ? 'BadValue' : 'TypeMismatch',
    `The argument to $each in ${operator} must be an array but it was of type: ${typeName(items)}`,
  )
}

function wholeClause(value: Value, message: string): number {
  const whole = isNumber(value) ? integerOf(value) : undefined
  if (whole === undefined) throw new CommandError('BadValue', `${message} ${typeName(value)}`)
  return Number(whole)
}

function insertion(items: readonly Value[], position: Value | undefined): Rearrange {
  if (position === undefined) return array => (items.length === 0 ? array : [...array, ...items])
  const wanted = wholeClause(position, 'The value for $position must be an integer value, not of type:')
  return array => {
    const at = wanted < 0 ? Math.max(0, array.length + wanted) : wanted
    return [...array.slice(0, at), ...items, ...array.slice(at)]
  }
}

function slicing(slice: Value | undefined): Rearrange {
  if (slice === undefined) return SAME
  const count = wholeClause(slice, 'The value for $slice must be an integer value but was given type:')
  if (count === 0) return () => []
  return array => (count < 0 ? array.slice(count) : array.slice(0, count))
}

function sorting(sort: Value | undefined, collation: Collation | undefined): Rearrange {
  if (sort === undefined) return SAME
  if (isNumber(sort)) {
    const direction = directionOf(sort)
    return array => [...array].sort((a, b) => direction * compareValues(a, b, collation))
  }
  if (!(sort instanceof Map)) throw invalidSort()
  if (sort.size === 0)
    throw new CommandError('BadValue', 'The $sort pattern is empty when it should be a set of fields.')
  const keys = [...sort].map(([path, direction]) => ({ names: sortNames(path), direction: directionOf(direction) }))
  return array => [...array].sort((a, b) => compareElements(a, b, { keys, collation }))
}

function invalidSort(): CommandError {
  return new CommandError(
    'BadValue',
    'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
  )
}

function directionOf(direction: Value): 1 | -1 {
  const whole = integerOf(direction)
  if (whole === 1n) return 1
  if (whole === -1n) return -1
  throw isNumber(direction)
    ? new CommandError('BadValue', 'The $sort element value must be either 1 or -1')
    : invalidSort()
}

function sortNames(path: string): readonly string[] {
  if (path === '') throw new CommandError('BadValue', 'The $sort field cannot be empty')
  const names = path.split('.')
  if (names.includes(''))
    throw new CommandError('BadValue', `The $sort field is a dotted field but has an empty part: ${path}`)
  return names
}

interface ElementOrder {
  readonly keys: readonly { readonly names: readonly string[]; readonly direction: 1 | -1 }[]
  readonly collation: Collation | undefined
}

function compareElements(a: Value, b: Value, { keys, collation }: ElementOrder): number {
  for (const { names, direction } of keys) {
    const order = compareValues(valueBelow(a, names), valueBelow(b, names), collation)
    if (order !== 0) return order * direction
  }
  return 0
}

function valueBelow(element: Value, names: readonly string[]): Value {
  let value: Value | undefined = element
  for (const name of names) {
    if (value instanceof Map) value = value.get(name)
    else value = Array.isArray(value) ? value[Number(name)] : undefined
  }
  return value ?? null
}

function setItems(operand: Value): readonly Value[] {
  if (!(operand instanceof Map) || operand.keys().next().value !== '$each') return [operand]
  if (operand.size > 1)
    throw new CommandError('BadValue', `Found unexpected fields after $each in $addToSet: ${text(operand)}`)
  return eachItems(operand.get('$each')!, '$addToSet')
}

function text(operand: Document): string {
  return textOf(operand)
}

function union(array: Value[], items: readonly Value[], collation: Collation | undefined): Value[] {
  const result = [...array]
  for (const item of items) if (!result.some(value => equalValues(value, item, collation))) result.push(item)
  return result.length === array.length ? array : result
}
