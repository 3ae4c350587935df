// Makes audit entries of changes: what has changed with both values, hidden values masked, by whom and why.
import { type Document, ObjectId } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { isPlain } from '../models/plain.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { changesBetween } from './changes.ts'
import { isEqualStored, type Stored } from './codec.ts'
import { currentActor, operationId } from './context.ts'
import { maskerOf } from './mask.ts'

/** A change before it is written: what an entry is made of. */
export interface Recording {
  readonly operation: Exclude<AuditEntry['operation'], 'batch'>
  readonly documentId: unknown
  readonly before: Stored
  readonly after: Stored
}

/** An entry that has no place in a chain yet. */
export type Draft = Omit<AuditEntry, 'chain' | 'seq' | 'hash'>

/** What is true of all entries of one write: who, why, in which operation. */
export interface Occasion {
  readonly op: string
  readonly by: AuditEntry['by']
  readonly reason?: string
  readonly via: string
}

/** Gives the occasion of the current flow. */
export function occasionNow(): Occasion {
  const { userId, ipAddress, requestId, reason, via } = currentActor()
  return {
    op: operationId(),
    by: {
      ...(userId === undefined ? {} : { userId }),
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(requestId === undefined ? {} : { requestId }),
    },
    ...(reason === undefined ? {} : { reason }),
    via: via ?? 'app',
  }
}

/** What changed in a document, as the log holds it: hidden values are masked. */
export type LoggedChanges = AuditEntry['changes']

/** Gives a function that tells what a recording has changed. */
export function changesLogged(definition: ModelDefinition): (recording: Recording) => LoggedChanges {
  const mask = maskerOf(definition)
  return ({ before, after }) => {
    const changes: Record<string, { from?: unknown; to?: unknown }> = {}
    const add = (path: string, from: unknown, to: unknown) => {
      const change: { from?: unknown; to?: unknown } = {}
      if (from !== undefined) change.from = mask(path, from)
      if (to !== undefined) change.to = mask(path, to)
      changes[path] = change
    }
    const compare = (name: string) => {
      const [old, now] = [before[name], after[name]]
      if (name === '_id' || isEqualStored(old, now)) return
      if (!isComposed(old) || !isComposed(now)) add(name, old, now)
      else for (const [path, { from, to }] of changesBetween(before, after, [name]).paths) add(path, from, to)
    }
    for (const name of Object.keys(before)) compare(name)
    for (const name of Object.keys(after)) if (!(name in before)) compare(name)
    return changes
  }
}

// Of others, the whole value has changed.
function isComposed(value: unknown): boolean {
  return Array.isArray(value) || isPlain(value)
}

/** Makes an entry. */
export function draftOf(
  definition: Pick<ModelDefinition, 'name' | 'collection'>,
  occasion: Occasion,
  about: EntryBody,
): Draft {
  const { by, reason, via, op } = occasion
  const { operation, documentId, changes, ...more } = about
  const fields = operation === 'update' || operation === 'restore' ? { fields: fieldsIn(Object.keys(changes)) } : {}
  return {
    _id: new ObjectId(),
    at: new Date(),
    op,
    operation,
    model: definition.name,
    collection: definition.collection,
    documentId,
    changes,
    ...fields,
    by,
    ...(reason === undefined ? {} : { reason }),
    via,
    ...more,
  }
}

/** What distinguishes an entry from the others of its occasion. */
export interface EntryBody extends Pick<AuditEntry, 'operation' | 'documentId' | 'changes'> {
  readonly _id?: unknown
  readonly intends?: string
  readonly confirms?: unknown
  readonly batch?: Document
}

/** Gives changed paths and those above them, so that an index finds who changed a field. */
export function fieldsIn(paths: Iterable<string>): readonly string[] {
  const fields = new Set<string>()
  for (const path of paths) {
    const parts = path.split('.').filter(part => !/^\d+$/.test(part))
    for (let length = 1; length <= parts.length; length++) fields.add(parts.slice(0, length).join('.'))
  }
  return [...fields]
}
