// Changes that were announced and never confirmed: looks whether they happened, and writes down what is found.
import type { Db, Document } from 'mongodb'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { append } from '../runtime/audit-chain.ts'
import { draftOf, occasionNow } from '../runtime/audit-entry.ts'
import { AUDIT_COLLECTION } from '../runtime/audit-log.ts'
import { isEqualStored } from '../runtime/codec.ts'
import { holdsMasked } from '../runtime/mask.ts'
import type { AuditFault } from './audit-verify.ts'

/** What was found of an open change. */
export interface Settled {
  readonly fault: AuditFault
  readonly detail: string
  /** Whether the log says so now. */
  readonly isSettled: boolean
}

/** Looks at open changes one by one; `write` adds to the log what became of each, as far as it can be told. */
export async function settleOpen(
  db: Db,
  faults: readonly AuditFault[],
  how: 'look' | 'write',
): Promise<readonly Settled[]> {
  const settled: Settled[] = []
  for (const fault of faults) settled.push(await settle(db, fault, how))
  return settled
}

async function settle(db: Db, fault: AuditFault, how: 'look' | 'write'): Promise<Settled> {
  const entry = (await db.collection(AUDIT_COLLECTION).findOne({ _id: fault.entry as never })) as unknown as AuditEntry
  if (entry?.operation !== 'intended') return { fault, detail: fault.detail, isSettled: false }
  const found = await outcomeOf(db, entry)
  const detail = `${entry.intends} of ${entry.model} ${subject(entry)}: ${sentences[found]}`
  if (how === 'look') return { fault, detail, isSettled: false }
  const operation: AuditEntry['operation'] = found === 'done' ? (entry.intends as 'update') : 'failed'
  const body = { operation, documentId: entry.documentId, changes: found === 'done' ? entry.changes : {} }
  const occasion = { ...occasionNow(), op: entry.op, reason: `settled later: ${sentences[found]}` }
  await append('default', [
    draftOf({ name: entry.model, collection: entry.collection }, occasion, { ...body, confirms: entry._id }),
  ])
  return { fault, detail, isSettled: true }
}

const sentences = {
  done: 'it has happened',
  undone: 'it has not happened',
  unknown: 'it cannot be told whether it has happened',
} as const

async function outcomeOf(db: Db, entry: AuditEntry): Promise<keyof typeof sentences> {
  const { changes, documentId, intends, collection } = entry
  const paths = Object.entries(changes).filter(([, { from, to }]) => !holdsMasked(from) && !holdsMasked(to))
  if (documentId === null) return 'unknown'
  const stored = await db.collection(collection).findOne({ _id: documentId as never })
  if (paths.length === 0) return intends === 'delete' && !stored ? 'done' : 'unknown'
  if (intends === 'insert') return stored ? 'done' : 'undone'
  if (!stored) return intends === 'delete' ? 'done' : 'unknown'
  if (paths.every(([path, { to }]) => isEqualStored(valueAt(stored, path), to))) return 'done'
  return paths.every(([path, { from }]) => isEqualStored(valueAt(stored, path), from)) ? 'undone' : 'unknown'
}

function valueAt(stored: Document, path: string): unknown {
  return path.split('.').reduce((value: unknown, name) => (value as Document | undefined)?.[name], stored)
}

function subject({ documentId, batch }: AuditEntry): string {
  if (documentId !== null) return String(documentId)
  return `${(batch?.ids as readonly unknown[] | undefined)?.length ?? 'many'} documents`
}
