// Reads the audit of one document, and takes it back to what it was.
import { GooseError } from '../errors.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { settingsOf } from '../models/settings.ts'
import { entriesFor } from './audit-bundle.ts'
import { AUDIT_COLLECTION } from './audit-log.ts'
import { connectionOf } from './connection.ts'
import { type DocumentBase, encode, modelOf, refill } from './document.ts'
import { identityOf } from './identity.ts'
import { holdsMasked } from './mask.ts'

/** Gives the entries of a document, oldest first. */
export async function historyOf(document: DocumentBase): Promise<AuditEntry[]> {
  const { definition } = modelOf(document)
  requireAudit(document, 'history()')
  const id = identityOf(document)
  const { db } = await connectionOf(definition.connection)
  const stored = await db
    .collection(AUDIT_COLLECTION)
    .find({ documentId: id as never, collection: definition.collection, operation: { $nin: ['intended', 'failed'] } })
    .sort({ at: 1, _id: 1 })
    .toArray()
  return entriesFor(stored, id)
}

/** Gives a document the values it had right after an entry; the caller saves it. */
export async function revertInMemory(document: DocumentBase, entry: { readonly _id: unknown }): Promise<void> {
  const history = await historyOf(document)
  const at = history.findIndex(candidate => String(candidate._id) === String(entry._id))
  if (at < 0) throw refused(document, `entry ${String(entry._id)} is not one of its own`)
  const stored = encode(document)
  for (const later of history.slice(at + 1).reverse()) {
    for (const [path, change] of Object.entries(later.changes)) {
      if (holdsMasked(change.from)) throw refused(document, `"${path}" is masked in the log`)
      put(stored, path.split('.'), change.from)
    }
  }
  const { version, updatedAt } = settingsOf(modelOf(document).definition)
  const kept = [version, updatedAt].filter(name => name !== undefined).map(name => [name, document[name]])
  refill(document, stored)
  Object.assign(document, Object.fromEntries(kept))
}

/** Sets, or removes by undefined, the value at a path. */
export function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path
  if (head === undefined) return
  if (rest.length > 0) {
    target[head] ??= {}
    put(target[head] as Record<string, unknown>, rest, value)
  } else if (value === undefined) delete target[head]
  else target[head] = value
}

function requireAudit(document: DocumentBase, what: string): void {
  const { definition } = modelOf(document)
  if (!settingsOf(definition).audit)
    throw new GooseError('NOT_SUPPORTED', {
      what,
      reason: `${definition.name} has no audit`,
      hint: 'add plugins: [audit()] to the model',
    })
}

function refused(document: DocumentBase, reason: string): GooseError {
  return new GooseError('NOT_SUPPORTED', {
    what: 'revertTo()',
    reason: `${modelOf(document).modelName} ${String(document._id)}: ${reason}`,
    hint: 'see history() for its entries',
  })
}
