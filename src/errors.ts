// The errors that goose raises: made of the table, and classes for those that programs catch.
import { type Entry, table } from './error-table.ts'

/** The stable names of all errors. */
export type ErrorCode = keyof typeof table

/** What an error says about its occasion: put into the sentence, and kept for machines. */
export type ErrorMeta = Readonly<Record<string, unknown>>

/** Is the root of all errors that goose raises: a code, a sentence, and a hint what to do next. */
export class GooseError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly status: number
  readonly exit: number
  readonly meta: ErrorMeta

  constructor(code: ErrorCode, meta: ErrorMeta = {}, options: ErrorOptions = {}) {
    const entry: Entry = table[code]
    super(fill(entry.message, meta), options)
    // Who copies an error property by property, as the driver does, keeps a name of his own.
    Object.defineProperty(this, 'name', { value: new.target.name, writable: true, configurable: true })
    this.code = code
    this.hint = fill(entry.hint, meta)
    this.status = entry.status
    this.exit = entry.exit
    this.meta = meta
  }

  toJSON(): Record<string, unknown> {
    return { code: this.code, message: this.message, hint: this.hint, status: this.status }
  }
}

/** Gives every code with its entry, for documentation and tests. */
export function errorTable(): readonly (Entry & { readonly code: ErrorCode })[] {
  return (Object.keys(table) as ErrorCode[]).map(code => ({ code, ...table[code] }))
}

export class NotConnected extends coded('NOT_CONNECTED') {}

export class DocumentNotFound extends coded('DOCUMENT_NOT_FOUND') {}

export class MultipleDocumentsFound extends coded('MULTIPLE_DOCUMENTS_FOUND') {}

/** One thing wrong with a document: where, and what. */
export interface ValidationIssue {
  readonly path: string
  readonly message: string
}

export class ValidationFailed extends GooseError {
  readonly issues: readonly ValidationIssue[]

  constructor(model: string, issues: readonly ValidationIssue[], options?: ErrorOptions) {
    const shown = issues.map(issue => (issue.path ? `${issue.path}: ${issue.message}` : issue.message)).join('; ')
    super('VALIDATION_FAILED', { model, issues: shown, paths: issues.map(issue => issue.path) }, options)
    this.issues = issues
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), issues: this.issues }
  }
}

export class DuplicateKey extends coded('DUPLICATE_KEY') {}

export class VersionConflict extends coded('VERSION_CONFLICT') {}

export class UnknownModel extends coded('UNKNOWN_MODEL') {}

export class UnknownPath extends coded('UNKNOWN_PATH') {}

export class InvalidFilter extends coded('INVALID_FILTER') {}

export class EmptyFilterRefused extends coded('EMPTY_FILTER_REFUSED') {}

export class CycleRefused extends coded('CYCLE_REFUSED') {}

export class InvalidCursor extends coded('INVALID_CURSOR') {}

export class DecryptionFailed extends coded('DECRYPTION_FAILED') {}

export class JobLocked extends coded('JOB_LOCKED') {}

export class PlanDrifted extends GooseError {
  constructor(meta: ErrorMeta = {}, options: ErrorOptions = {}) {
    super('PLAN_DRIFTED', { hint: 'plan it again', ...meta }, options)
  }
}

export class ReferenceMissing extends coded('REFERENCE_MISSING') {}

export class AmbiguousReference extends coded('AMBIGUOUS_REFERENCE') {}

export class ConfigInvalid extends coded('CONFIG_INVALID') {}

export class ModelLoadFailed extends coded('MODEL_LOAD_FAILED') {}

function coded(code: ErrorCode) {
  return class extends GooseError {
    constructor(meta: ErrorMeta = {}, options: ErrorOptions = {}) {
      super(code, meta, options)
    }
  }
}

function fill(template: string, meta: ErrorMeta): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => (meta[key] === undefined ? '' : String(meta[key])))
}
