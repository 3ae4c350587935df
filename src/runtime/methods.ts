// What every document can do beside being read: save, delete, reload, populate.
import type { DocumentBase } from './document.ts'
import { modelOf } from './document.ts'
import { reload, remove, save } from './lifecycle.ts'
import { populateAll } from './populate.ts'

/** The methods of every document, put on the prototype of each model's class. */
export const methods = {
  async save(this: DocumentBase): Promise<DocumentBase> {
    await save(this)
    return this
  },

  async delete(this: DocumentBase): Promise<void> {
    await remove(this)
  },

  async reload(this: DocumentBase): Promise<DocumentBase> {
    await reload(this)
    return this
  },

  async populate(
    this: DocumentBase,
    path: string,
    options: { readonly onMissing?: 'throw' | 'null' } = {},
  ): Promise<DocumentBase> {
    await populateAll(modelOf(this), [this], [{ path, onMissing: options.onMissing }])
    return this
  },
}
