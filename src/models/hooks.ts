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

/** What a hook is told beside the document. */
export interface HookEvent {
  /** Whether the document is, or was just, inserted. */
  readonly created: boolean
  /** What a save has written. */
  readonly changes:
    | { readonly paths: ReadonlyMap<string, { readonly from: unknown; readonly to: unknown }> }
    | undefined
}

/** Hooks as plugins give them: each gets the document. */
export type DocumentHooks = {
  readonly [K in HookName]?: (document: HookedDocument, event: HookEvent) => void | Promise<void>
}
