// Changes of many documents side by side: for each path a column of values, or one value that all have in common.
import type { Document } from 'mongodb'
import type { LoggedChanges } from './audit-entry.ts'

/** The values of a path before and after, in the order of the documents; `…All` where they are the same in all. */
interface Column {
  readonly from?: readonly unknown[]
  readonly fromAll?: unknown
  readonly to?: readonly unknown[]
  readonly toAll?: unknown
}

/** Columns by their paths. */
export type Columns = Readonly<Record<string, Column>>

/** Says what changes must have in common to stand side by side: their paths, and whether there is a value on each side. */
export function shapeOf(changes: LoggedChanges): string {
  let shape = ''
  for (const path in changes) {
    const change = changes[path]!
    shape += `${path}\0${'from' in change ? 'f' : ''}${'to' in change ? 't' : ''}\0`
  }
  return shape
}

/** Puts changes of the same shape side by side. */
export function columnsOf(all: readonly LoggedChanges[]): Columns {
  const columns: Record<string, Column> = {}
  for (const [path, first] of Object.entries(all[0] ?? {}))
    columns[path] = { ...side('from', path, { all, first }), ...side('to', path, { all, first }) }
  return columns
}

/** Gives the changes of the document at a place. */
export function changesAt(columns: Columns, place: number): LoggedChanges {
  const changes: Record<string, Document> = {}
  for (const [path, column] of Object.entries(columns))
    changes[path] = { ...valueAt('from', column, place), ...valueAt('to', column, place) }
  return changes
}

/** Cuts columns: the part between two places. */
export function columnsBetween(columns: Columns, start: number, end: number): Columns {
  const cut = (values: unknown) => (values as readonly unknown[]).slice(start, end)
  const isList = (name: string) => name === 'from' || name === 'to'
  return Object.fromEntries(
    Object.entries(columns).map(([path, column]) => [
      path,
      Object.fromEntries(Object.entries(column).map(([name, value]) => [name, isList(name) ? cut(value) : value])),
    ]),
  )
}

interface Side {
  readonly all: readonly LoggedChanges[]
  readonly first: LoggedChanges[string]
}

function side(name: 'from' | 'to', path: string, { all, first }: Side): Column {
  if (!(name in first)) return {}
  const value = first[name]
  if (all.every(changes => isSame(changes[path]![name], value))) return { [`${name}All`]: value }
  return { [name]: all.map(changes => changes[path]![name]) }
}

function valueAt(name: 'from' | 'to', column: Column, place: number): Document {
  if (`${name}All` in column) return { [name]: column[`${name}All`] }
  return name in column ? { [name]: column[name]![place] } : {}
}

// Only what can be told at once; others stand one by one.
function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || (one instanceof Date && other instanceof Date && one.getTime() === other.getTime())
}
