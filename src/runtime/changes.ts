// The difference between a stored document and the one in memory, as the smallest update.

import { isPlain } from '../models/plain.ts'
import { isEqualStored, type Stored } from './codec.ts'

/** The operators of an update that a save sends. */
export interface Changes {
  readonly set: Readonly<Record<string, unknown>>
  readonly unset: readonly string[]
  readonly push: Readonly<Record<string, readonly unknown[]>>
  /** Every changed path with both values. */
  readonly paths: ReadonlyMap<string, { readonly from: unknown; readonly to: unknown }>
}

/** Compares field by field; names limits the look to these top-level fields. */
export function changesBetween(before: Stored, after: Stored, names: Iterable<string>): Changes {
  const found = {
    set: {} as Record<string, unknown>,
    unset: [] as string[],
    push: {} as Record<string, readonly unknown[]>,
    paths: new Map(),
  }
  for (const name of names) compare(name, before[name], after[name], found)
  return found
}

/** Tells whether there is nothing to send. */
export function isEmpty(changes: Changes): boolean {
  return changes.paths.size === 0
}

/** Gives the update command's document. */
export function updateFrom(changes: Changes): Record<string, unknown> {
  const update: Record<string, unknown> = {}
  if (Object.keys(changes.set).length > 0) update.$set = changes.set
  if (changes.unset.length > 0) update.$unset = Object.fromEntries(changes.unset.map(path => [path, 1]))
  const pushes = Object.entries(changes.push)
  if (pushes.length > 0) update.$push = Object.fromEntries(pushes.map(([path, items]) => [path, { $each: items }]))
  return update
}

/** Gives stored values as they are once changes are written; what changes leave alone is shared. */
export function changed(before: Stored, { set, unset, push }: Pick<Changes, 'set' | 'unset' | 'push'>): Stored {
  let after = before
  const place = (path: string, make: (there: unknown) => unknown) => {
    after = placed(after, path.split('.'), make) as Stored
  }
  for (const [path, value] of Object.entries(set)) place(path, () => value)
  for (const path of unset) place(path, () => undefined)
  for (const [path, items] of Object.entries(push))
    place(path, there => [...(Array.isArray(there) ? there : []), ...items])
  return after
}

function placed(at: unknown, [head, ...rest]: readonly string[], make: (there: unknown) => unknown): unknown {
  if (head === undefined) return make(at)
  if (Array.isArray(at)) return at.map((item, i) => (String(i) === head ? placed(item, rest, make) : item))
  const copy = isPlain(at) ? { ...at } : {}
  const value = placed(copy[head], rest, make)
  if (value === undefined) delete copy[head]
  else copy[head] = value
  return copy
}

interface Found {
  readonly set: Record<string, unknown>
  readonly unset: string[]
  readonly push: Record<string, readonly unknown[]>
  readonly paths: Map<string, { from: unknown; to: unknown }>
}

function compare(path: string, before: unknown, after: unknown, found: Found): void {
  if (isEqualStored(before, after)) return
  if (after !== undefined && isPlain(before) && isPlain(after) && canDescend(before, after)) {
    compareObjects(path, before, after, found)
  } else if (Array.isArray(before) && Array.isArray(after)) {
    compareArrays(path, before, after, found)
  } else {
    if (after === undefined) found.unset.push(path)
    else found.set[path] = after
    found.paths.set(path, { from: before, to: after })
  }
}

function compareObjects(path: string, before: Stored, after: Stored, found: Found): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    compare(`${path}.${name}`, before[name], after[name], found)
}

function compareArrays(path: string, before: readonly unknown[], after: readonly unknown[], found: Found): void {
  if (
    before.length === after.length &&
    before.length > 0 &&
    after.every((item, i) => isEqualStored(item, before[i]) || (isPlain(item) && isPlain(before[i])))
  ) {
    for (const [i, item] of after.entries()) compare(`${path}.${i}`, before[i], item, found)
    return
  }
  const appended = after.length > before.length && before.every((item, i) => isEqualStored(item, after[i]))
  if (appended) found.push[path] = after.slice(before.length)
  else found.set[path] = after
  found.paths.set(path, { from: before, to: after })
}

// A key with a dot or a dollar has no path, and a changed order of keys is a change that paths cannot express.
function canDescend(before: Stored, after: Stored): boolean {
  const [old, now] = [Object.keys(before), Object.keys(after)]
  if ([...old, ...now].some(key => key === '' || key.includes('.') || key.startsWith('$'))) return false
  if (now.length === 0) return false
  const kept = old.filter(key => key in after)
  const expected = [...kept, ...now.filter(key => !(key in before))]
  return expected.every((key, i) => key === now[i])
}
