// The closed list of hooks, as plugins give them and as classes override them.

/** The names of all hooks. */
export const hookNames = ['preValidate', 'preSave', 'postSave', 'preDelete', 'postDelete', 'postUpdate'] as const

export type HookName = (typeof hookNames)[number]

/** What hooks see of a document: enough for plugins that know no particular model. */
export interface HookedDocument {
  readonly _id: unknown
  readonly isNew: boolean
  isDirty(path?: string): boolean
  [field: string]: unknown
}

/** Hooks as plugins give them: each gets the document. */
export type DocumentHooks = { readonly [K in HookName]?: (document: HookedDocument) => void | Promise<void> }
