// Keeps stored values that a model does not declare through a save, wherever they lie.
import type { Field } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { fieldNamed, isEqualStored, type Stored } from './codec.ts'

/** Gives what is to be stored of a field, together with what was stored inside it under names that no field has. */
export function withUndeclared(field: Field, before: unknown, after: unknown): unknown {
  if (field.fields && !field.loose && isPlain(before) && isPlain(after)) return withRest(field.fields, before, after)
  if (field.element?.fields && Array.isArray(before) && Array.isArray(after))
    return keptList(field.element, before, after)
  return after
}

function withRest(fields: readonly Field[], before: Stored, after: Stored): Stored {
  const added: Stored = {}
  for (const name of Object.keys(before)) {
    const field = fieldNamed(fields, name)
    if (!field) {
      if (!(name in after)) added[name] = before[name]
      continue
    }
    const value = withUndeclared(field, before[name], after[name])
    if (value !== after[name]) added[name] = value
  }
  return Object.keys(added).length > 0 ? inOrder(before, after, { ...after, ...added }) : after
}

// Elements have no names: one that is as it was is found wherever it has gone, others stay in their place.
function keptList(element: Field, before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  if (!before.some(item => isPlain(item) && known(element, item) !== item)) return after
  const left = new Set(before.keys())
  const sources = after.map((item, i) => {
    const found = [i, ...left].find(j => left.has(j) && isEqualStored(known(element, before[j]), known(element, item)))
    if (found !== undefined) left.delete(found)
    return found
  })
  return after.map((item, i) => {
    const source = sources[i] ?? (before.length === after.length && left.has(i) ? i : undefined)
    return source === undefined ? item : withUndeclared(element, before[source], item)
  })
}

// The part of an element that its fields declare; the element itself when that is all of it.
function known(element: Field, item: unknown): unknown {
  if (!isPlain(item) || element.loose) return item
  const names = Object.keys(item)
  const declared = names.filter(name => element.fields!.some(field => field.name === name))
  return declared.length === names.length ? item : Object.fromEntries(declared.map(name => [name, item[name]]))
}

// Embedded documents with another order of keys are others: what was kept goes back to where it was.
function inOrder(before: Stored, after: Stored, whole: Stored): Stored {
  const old = Object.keys(before).filter(name => name in after)
  const isMoved = Object.keys(after)
    .filter(name => name in before)
    .some((name, i) => name !== old[i])
  const names = isMoved
    ? Object.keys(whole)
    : [...Object.keys(before).filter(name => name in whole), ...Object.keys(after)]
  return Object.fromEntries([...new Set(names)].map(name => [name, whole[name]]))
}
