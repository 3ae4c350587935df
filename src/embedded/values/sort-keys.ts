// Finds the values documents are sorted by, one tuple for each element where arrays are met.
import { type Document, UNDEFINED, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'

export type SortKey = readonly Value[]

/** Gives the values at the paths of a sort; missing counts as null, an empty array as undefined. */
export function sortKeys(document: Document, paths: readonly (readonly string[])[]): readonly SortKey[] {
  const fields = paths.map(names => descend(document, names, 0))
  if (!fields.some(isWaiting)) return [fields.map(sortedBy)]
  const found: SortKey[] = []
  expand(fields, found)
  return found
}

/** The value at a path, or an array that must be entered first. */
interface Field {
  readonly names: readonly string[]
  readonly depth: number
  readonly value: Value | undefined
  readonly waiting: boolean
}

function isWaiting(field: Field): boolean {
  return field.waiting
}

function sortedBy(field: Field): Value {
  return field.value ?? null
}

function descend(from: Value | undefined, names: readonly string[], start: number): Field {
  let value = from
  let depth = start
  for (; depth < names.length && !Array.isArray(value); depth++) {
    value = value instanceof Map ? value.get(names[depth]!) : undefined
  }
  return { names, depth, value, waiting: Array.isArray(value) }
}

function expand(fields: readonly Field[], found: SortKey[]): void {
  const array = fields.find(isWaiting)?.value as Value[] | undefined
  if (array === undefined) {
    found.push(fields.map(sortedBy))
    return
  }
  if (fields.some(field => field.waiting && field.value !== array))
    throw new CommandError('BadValue', 'cannot sort with keys that are parallel arrays')
  const items = array.length === 0 ? [undefined] : array
  for (const item of items)
    expand(
      fields.map(field => (field.waiting ? enter(field, array, item) : field)),
      found,
    )
}

/** Goes into one element; arrays in arrays are values, and a number in the path picks an element. */
function enter({ names, depth }: Field, array: readonly Value[], item: Value | undefined): Field {
  if (depth === names.length) return { names, depth, value: item === undefined ? UNDEFINED : item, waiting: false }
  const name = names[depth]!
  const picked = /^(?:0|[1-9]\d*)$/.test(name) ? array[Number(name)] : undefined
  if (picked !== undefined) return descend(picked, names, depth + 1)
  return descend(item instanceof Map ? item : undefined, names, depth)
}
