// Takes one document back: the update that restores it, or the first field that somebody has changed since.
import { BSON, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { changesBetween } from '../runtime/changes.ts'
import { isEqualStored } from '../runtime/codec.ts'
import { exactValue, isSameRaw, type RawFields, rawFields } from './raw-fields.ts'

/** A document at three times: before the run, as the run left it, and now. */
export interface Times {
  readonly before: Uint8Array
  /** Undefined where the run's result is not known: then nothing may be restored. */
  readonly after: Uint8Array | { readonly set: Document; readonly unset: readonly string[] } | undefined
  readonly now: Uint8Array
}

/** What to do with a document: an update, nothing because it is as it was, or a conflict at a field. */
export type Restoring = { readonly update: Document | undefined } | { readonly conflict: string }

interface Update {
  readonly $set: Record<string, unknown>
  readonly $unset: Record<string, unknown>
  readonly $inc: Record<string, number>
}

/** Says how to take a document back; `force` restores also what was changed since. */
export function restoring(definition: ModelDefinition, times: Times, force: boolean): Restoring {
  const before = rawFields(times.before)
  const after = afterFields(before, times.after)
  if (!after) return { conflict: '_id' }
  const now = rawFields(times.now)
  const { updatedAt, version } = settingsOf(definition)
  const update: Update = { $set: {}, $unset: {}, $inc: {} }
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, left, current] = [before.get(name), after.get(name), now.get(name)]
    if (name === '_id' || isSameRaw(old, left) || name === updatedAt || name === version) continue
    if (isSameRaw(current, old)) continue
    if (force || isSameRaw(current, left)) put(update, name, old)
    else if (!putInside(update, { name, old, left, current })) return { conflict: name }
  }
  const isRestored = Object.keys(update.$set).length + Object.keys(update.$unset).length === 0
  // The time goes back only where nobody else has set it; the version never does, since it tells changes apart.
  const isLast = updatedAt !== undefined && isSameRaw(now.get(updatedAt), after.get(updatedAt))
  const isMoved = updatedAt !== undefined && !isSameRaw(before.get(updatedAt), after.get(updatedAt))
  if (isLast && isMoved) put(update, updatedAt, before.get(updatedAt))
  else if (isRestored) return { update: undefined }
  if (version && now.has(version)) update.$inc[version] = 1
  return { update: withoutEmpty(update) }
}

function afterFields(before: RawFields, after: Times['after']): RawFields | undefined {
  if (after === undefined || after instanceof Uint8Array) return after && rawFields(after)
  const fields = new Map([...before, ...rawFields(BSON.serialize(after.set, { ignoreUndefined: true }))])
  for (const name of after.unset) fields.delete(name)
  return fields
}

function put(update: Update, name: string, value: Uint8Array | undefined): void {
  if (value === undefined) update.$unset[name] = 1
  else update.$set[name] = exactValue(value)
}

interface Field {
  readonly name: string
  readonly old: Uint8Array | undefined
  readonly left: Uint8Array | undefined
  readonly current: Uint8Array | undefined
}

// Somebody has changed another place of the same field: what the run wrote in it may still stand.
function putInside(update: Update, { name, old, left, current }: Field): boolean {
  if (!old || !left || !current) return false
  const [before, after, now] = [old, left, current].map(exactValue)
  const { paths } = changesBetween({ [name]: before }, { [name]: after }, [name])
  for (const [path, { from, to }] of paths) {
    if (path === name || !isEqualStored(valueAt({ [name]: now }, path), to)) return false
    if (from === undefined) update.$unset[path] = 1
    else update.$set[path] = from
  }
  return true
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value)
}

function withoutEmpty(update: Update): Document {
  return Object.fromEntries(Object.entries(update).filter(([, fields]) => Object.keys(fields).length > 0))
}
