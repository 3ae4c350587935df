// A document as it was: its audit entries taken back one by one, from what is stored now.
import type { Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { settingsOf } from '../models/settings.ts'
import { entriesFor } from './audit-bundle.ts'
import { AUDIT_COLLECTION } from './audit-log.ts'
import type { Stored } from './codec.ts'
import { connectionOf } from './connection.ts'
import { collectionOf } from './execute.ts'
import { put } from './history.ts'
import { maskerOf } from './mask.ts'

/** A document right after one of its changes; `stored` is undefined when there was none. */
export interface PastState {
  readonly entry: AuditEntry
  /** The place of the change among all of the document, from 1. */
  readonly number: number
  readonly stored: Stored | undefined
}

/** Gives the states of a document, the latest first; hidden values are masked. Throws where the model has no audit. */
export async function* pastOf(definition: ModelDefinition, id: unknown): AsyncGenerator<PastState> {
  requireAudit(definition)
  const entries = await entriesOf(definition, id)
  const collection = await collectionOf(definition)
  let stored = ((await collection.findOne({ _id: id as never })) ?? undefined) as Record<string, unknown> | undefined
  for (const [index, entry] of [...entries.entries()].reverse()) {
    yield { entry, number: index + 1, stored: stored && masked(definition, stored) }
    stored = before(entry, stored)
  }
}

async function entriesOf(definition: ModelDefinition, id: unknown): Promise<readonly AuditEntry[]> {
  const { db } = await connectionOf(definition.connection)
  const stored = await db
    .collection<Document>(AUDIT_COLLECTION)
    .find({ collection: definition.collection, documentId: id, operation: { $nin: ['intended', 'failed'] } })
    .sort({ at: 1, _id: 1 })
    .toArray()
  return entriesFor(stored, id)
}

function before(entry: AuditEntry, stored: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (entry.operation === 'insert') return undefined
  const target = stored ?? { _id: entry.documentId }
  for (const [path, { from }] of Object.entries(entry.changes)) put(target, path.split('.'), from)
  return target
}

function masked(definition: ModelDefinition, stored: Stored): Stored {
  const mask = maskerOf(definition)
  return Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, copy(mask(name, value))]))
}

// Taking back the next entry writes into the same objects.
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]))
}

function requireAudit(definition: ModelDefinition): void {
  if (settingsOf(definition).audit) return
  throw new GooseError('NOT_SUPPORTED', {
    what: 'an earlier state',
    reason: `${definition.name} has no audit`,
    hint: 'add plugins: [audit()] to the model; what changes from then on can be looked up',
  })
}
