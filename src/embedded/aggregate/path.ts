// Follows field paths through documents and arrays, as `$a.b` does in expressions.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Evaluate, Result } from './operator.ts'

/** Splits a path into its field names; refuses what MongoDB refuses. */
export function parsePath(path: string): readonly string[] {
  if (path === '') throw new CommandError(40352, 'FieldPath cannot be constructed with empty string')
  if (path.endsWith('.')) throw new CommandError(40353, "FieldPath must not end with a '.'.")
  const names = path.split('.')
  for (const name of names) checkFieldName(name)
  if (names.length > 200) throw new CommandError('Overflow', 'FieldPath is too long')
  return names
}

export function checkFieldName(name: string): void {
  if (name === '') throw new CommandError(15998, 'FieldPath field names may not be empty strings.')
  if (name.startsWith('$')) {
    throw new CommandError(
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
    )
  }
  if (name.includes('\0')) throw new CommandError(16411, 'FieldPath field names may not contain null bytes.')
  if (name.includes('.')) {
    throw new CommandError(16412, "FieldPath field names may not contain '.'. Consider using $getField or $setField.")
  }
}

/** The value at a path of the root document. */
export function rootPath(names: readonly string[]): Evaluate {
  const [first, second] = names
  if (second === undefined) return root => root.get(first!)
  if (names.length === 2) {
    return root => {
      const value = root.get(first!)
      return value instanceof Map ? value.get(second) : valueAtPath(value, names, 1)
    }
  }
  return root => valueAtPath(root, names, 0)
}

/** The value at a path below a value; arrays on the way give an array of what their documents hold. */
export function valueAtPath(start: Result, names: readonly string[], from: number): Result {
  let value = start
  for (let at = from; at < names.length; at++) {
    if (value instanceof Map) value = value.get(names[at]!)
    else if (Array.isArray(value)) return valuesInArray(value, names, at)
    else return undefined
  }
  return value
}

/** Sets a value at a path of a copy; what is no document on the way is replaced by one. */
export function withValueAt(document: Document, names: readonly string[], value: Value): Document {
  const copy = new Map(document)
  const name = names[0]!
  if (names.length === 1) return copy.set(name, value)
  const inner = copy.get(name)
  return copy.set(name, withValueAt(inner instanceof Map ? inner : new Map(), names.slice(1), value))
}

/** Removes the value at a path from a copy; arrays on the way stay as they are. */
export function withoutValueAt(document: Document, names: readonly string[]): Document {
  const name = names[0]!
  const copy = new Map(document)
  if (names.length === 1) {
    copy.delete(name)
    return copy
  }
  const inner = copy.get(name)
  return inner instanceof Map ? copy.set(name, withoutValueAt(inner, names.slice(1))) : document
}

function valuesInArray(array: readonly Value[], names: readonly string[], at: number): Value[] {
  const values: Value[] = []
  for (const element of array) {
    if (!(element instanceof Map)) continue
    const value = valueAtPath(element, names, at)
    if (value !== undefined) values.push(value)
  }
  return values
}
