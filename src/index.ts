// The public API by name: what is not listed here is not public.

export { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb'
export * as z from 'zod'
export {
  AmbiguousReference,
  ConfigInvalid,
  CycleRefused,
  DecryptionFailed,
  DocumentNotFound,
  DuplicateKey,
  EmptyFilterRefused,
  type ErrorCode,
  GooseError,
  InvalidCursor,
  InvalidFilter,
  JobLocked,
  ModelLoadFailed,
  MultipleDocumentsFound,
  NotConnected,
  PlanDrifted,
  ReferenceMissing,
  UnknownModel,
  UnknownPath,
  ValidationFailed,
  VersionConflict,
} from './errors.ts'
export type { BulkPlan } from './models/bulk-plan.ts'
export { type ConnectionConfig, defineConfig, env, type FromEnvironment, type GooseConfig } from './models/config.ts'
export type { Filter, Input, Ref } from './models/infer.ts'
export { defineJob, type Job, type JobContext } from './models/job.ts'
export { type Many, many } from './models/many.ts'
export { binary, decimal, encrypted, long, objectId, secret, transient, uuid } from './models/marks.ts'
export { definePlugin, type Plugin } from './models/plugin.ts'
export { type AuditEntry, audit } from './models/plugins/audit.ts'
export { softDelete } from './models/plugins/soft-delete.ts'
export { timestamps } from './models/plugins/timestamps.ts'
export { type Branch, type Breadcrumbs, type Forest, type TreeNode, tree } from './models/plugins/tree.ts'
export { version } from './models/plugins/version.ts'
export type { ArchivePolicy, PolicyConfig, PurgePolicy } from './models/policy.ts'
export { ref } from './models/ref.ts'
export { sanitize } from './models/sanitize.ts'
export { apply, archive, restoreArchived, undo } from './operations/library.ts'
export type { RunEnding } from './operations/run-steps.ts'
export type { ArchivePlace } from './runtime/archive-class.ts'
export { type Connection, connect, connection, disconnect } from './runtime/connection.ts'
export { type Actor, auditContext, setAuditContext } from './runtime/context.ts'
export type { CursorPage } from './runtime/cursor-page.ts'
export { onQuery, type QueryEvent } from './runtime/events.ts'
export type { Finding } from './runtime/findings.ts'
export { type EncryptionKey, generateKey, keyIds, setKeys } from './runtime/keys.ts'
export type { Lean, LeanQuery } from './runtime/lean.ts'
export { model } from './runtime/model.ts'
export type { Page } from './runtime/page.ts'
export type { Query } from './runtime/query.ts'
export { outside, transaction } from './runtime/transaction.ts'
export type { Change } from './runtime/watch.ts'
