// What every document can do beside being read: save, delete, restore, reload, update, populate, history.

import { type PopulateOptions, populatePlan } from '../models/plan.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { auditContext } from './context.ts'
import { type DocumentBase, modelOf } from './document.ts'
import { historyOf, revertInMemory } from './history.ts'
import { inspected } from './inspection.ts'
import { hardDelete, reload, type SaveOptions, save } from './lifecycle.ts'
import { populateAll } from './populate.ts'
import { remove, restore } from './soft-delete.ts'
import { updateOne } from './update.ts'

/** The methods of every document, put on the prototype of each model's class. */
export const methods = {
  async save(this: DocumentBase, options: SaveOptions = {}): Promise<DocumentBase> {
    await save(this, options)
    return this
  },

  delete(this: DocumentBase): Promise<void> {
    return remove(this)
  },

  hardDelete(this: DocumentBase): Promise<void> {
    return hardDelete(this)
  },

  async restore(this: DocumentBase): Promise<DocumentBase> {
    await restore(this)
    return this
  },

  async reload(this: DocumentBase): Promise<DocumentBase> {
    await reload(this)
    return this
  },

  async update(this: DocumentBase, update: unknown): Promise<DocumentBase> {
    await updateOne(this, update)
    return this
  },

  history(this: DocumentBase): Promise<AuditEntry[]> {
    return historyOf(this)
  },

  async revertTo(this: DocumentBase, entry: { readonly _id: unknown }): Promise<DocumentBase> {
    await revertInMemory(this, entry)
    const { reason } = auditContext.get()
    await auditContext.run({ reason: reason ?? `revert to ${String(entry._id)}` }, () => save(this))
    return this
  },

  async populate(this: DocumentBase, path: string, options: PopulateOptions = {}): Promise<DocumentBase> {
    await populateAll(modelOf(this), [this], [populatePlan(path, options)])
    return this
  },

  // Logs of applications must not show what secret fields hold.
  [Symbol.for('nodejs.util.inspect.custom')](
    this: DocumentBase,
    _depth: unknown,
    options: unknown,
    inspect: (value: unknown, options: unknown) => string,
  ): string {
    return inspected(this, options, inspect)
  },
}
