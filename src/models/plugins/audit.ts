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
  /** `intended` and `failed` are of servers without transactions; `batch` carries the digest of many entries. */
  readonly operation: 'insert' | 'update' | 'delete' | 'restore' | 'intended' | 'failed' | 'batch'
  readonly model: string
  readonly collection: string
  readonly documentId: unknown
  readonly changes: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>
  /** The changed paths and those above them, without array positions. */
  readonly fields?: readonly string[]
  readonly by: { readonly userId?: unknown; readonly ipAddress?: string; readonly requestId?: string }
  readonly reason?: string
  readonly via: string
  /** What an intention is about to do. */
  readonly intends?: string
  /** The intention that this entry tells the end of. */
  readonly confirms?: unknown
  readonly batch?: Readonly<Record<string, unknown>>
  readonly chain: string
  readonly seq: number
  /** Missing from the entries of a batch: its `batch` entry carries their digest. */
  readonly hash?: string
}

/** Writes an entry for each change, with the change or not at all; secret, encrypted and masked fields are hidden. */
export function audit(
  options: { readonly mask?: readonly string[] } = {},
): Plugin<Record<never, never>, unknown, AuditMethods> {
  const settings: AuditSettings = { mask: options.mask ?? [] }
  // The methods are every document's own; the plugin gives them their types.
  return definePlugin({ name: 'audit', settings: { audit: settings } }) as never
}
