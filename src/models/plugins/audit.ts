// The audit plugin: every change of a document leaves an entry in the audit log.
import { definePlugin, type Plugin } from '../plugin.ts'

/** What the runtime reads of an audit. */
export interface AuditSettings {
  readonly mask: readonly string[]
}

interface AuditMethods {
  /** Gives the entries of this document, oldest first. */
  history(): Promise<AuditEntry[]>
  /** Gives the document the values it had right after an entry, as a change of its own. */
  revertTo(entry: AuditEntry | { readonly _id: unknown }): Promise<this>
}

/** One change as the audit log holds it. */
export interface AuditEntry {
  readonly _id: unknown
  readonly at: Date
  readonly op: string
  readonly operation: 'insert' | 'update' | 'delete' | 'restore' | 'intended' | 'failed'
  readonly model: string
  readonly collection: string
  readonly documentId: unknown
  readonly changes: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>
  readonly by: { readonly userId?: unknown; readonly ipAddress?: string; readonly requestId?: string }
  readonly reason?: string
  readonly via: string
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

/** Writes an entry for each change, with the change or not at all; secret, encrypted and masked fields are hidden. */
export function audit(
  options: { readonly mask?: readonly string[] } = {},
): Plugin<Record<never, never>, unknown, AuditMethods> {
  const settings: AuditSettings = { mask: options.mask ?? [] }
  // The methods are every document's own; the plugin gives them their types.
  return definePlugin({ name: 'audit', settings: { audit: settings } }) as never
}
