// Every error people can meet: its code, sentence, next step, HTTP status and exit code.

interface Entry {
  readonly message: string
  readonly hint: string
  readonly status: number
  readonly exit: number
}

const table = {
  NOT_CONNECTED: {
    message: 'not connected: {reason}',
    hint: 'call connect(uri), or set MONGODB_URI',
    status: 503,
    exit: 10,
  },
  DOCUMENT_NOT_FOUND: {
    message: 'no {model} with {id}',
    hint: 'use findOne to get null instead',
    status: 404,
    exit: 5,
  },
  MULTIPLE_DOCUMENTS_FOUND: {
    message: 'more than one {model} matches {filter}',
    hint: 'narrow the filter, or use first()',
    status: 409,
    exit: 1,
  },
  VALIDATION_FAILED: {
    message: '{model} is not valid: {issues}',
    hint: 'correct the fields named',
    status: 422,
    exit: 11,
  },
  DUPLICATE_KEY: {
    message: 'a {model} with {keys} exists already',
    hint: 'choose another value, or update the one that is there',
    status: 409,
    exit: 11,
  },
  VERSION_CONFLICT: {
    message: '{model} {id} was changed or deleted by somebody else since it was loaded',
    hint: 'reload() it, apply the change again and save',
    status: 409,
    exit: 11,
  },
  UNKNOWN_MODEL: { message: 'model "{name}" is not defined', hint: '{nearest}', status: 400, exit: 2 },
  DUPLICATE_MODEL: {
    message: 'model "{name}" is defined twice: {first} and {second}',
    hint: 'give one of them another name',
    status: 500,
    exit: 2,
  },
  MODEL_INVALID: { message: 'model "{model}" is not right: {reason}', hint: '{hint}', status: 500, exit: 2 },
  UNKNOWN_PATH: { message: '{model} has no path "{path}"', hint: '{nearest}', status: 400, exit: 2 },
  INVALID_FILTER: { message: 'filter on {model}: {reason}', hint: '{hint}', status: 400, exit: 2 },
  INVALID_UPDATE: { message: 'update of {model}: {reason}', hint: '{hint}', status: 400, exit: 2 },
  INVALID_QUERY: { message: 'query on {model}: {reason}', hint: '{hint}', status: 400, exit: 2 },
  EMPTY_FILTER_REFUSED: {
    message: '{operation} of {model} without a filter would touch every document',
    hint: 'give a filter, or { all: true } to mean all of them',
    status: 400,
    exit: 2,
  },
  INVALID_CURSOR: {
    message: 'cursor of {model}: {reason}',
    hint: 'start again from the first page',
    status: 400,
    exit: 2,
  },
  CYCLE_REFUSED: {
    message: '{model} {id} would become its own ancestor: {cycle}',
    hint: 'choose a parent outside its own branch',
    status: 409,
    exit: 11,
  },
  REFERENCE_MISSING: {
    message: '{model} {id}: what "{path}" refers to is gone ({missing})',
    hint: "populate it with { onMissing: 'null' }, or repair the reference",
    status: 409,
    exit: 9,
  },
  AMBIGUOUS_REFERENCE: {
    message: '{model} "{path}": {target} has more than one document with {by} {key}',
    hint: 'make {by} unique, or declare the reference with many()',
    status: 409,
    exit: 9,
  },
  DECRYPTION_FAILED: {
    message: '{model} "{path}" cannot be decrypted with key "{key}": {reason}',
    hint: 'put the key back into GOOSE_KEYS',
    status: 500,
    exit: 11,
  },
  ENCRYPTION_KEY_MISSING: {
    message: '{model} "{path}" is encrypted and there is no key',
    hint: 'set GOOSE_KEYS=id:base64 (make one with `goose keys generate`)',
    status: 500,
    exit: 2,
  },
  TRANSACTION_REFUSED: { message: 'transaction: {reason}', hint: '{hint}', status: 409, exit: 2 },
  NOT_SUPPORTED: { message: '{what} is not supported here: {reason}', hint: '{hint}', status: 501, exit: 2 },
  JOB_LOCKED: {
    message: 'job "{job}" is locked by {holder}',
    hint: 'wait, or see `goose jobs list`',
    status: 423,
    exit: 7,
  },
  AUDIT_BROKEN: { message: 'the audit is broken: {reason}', hint: 'see `goose audit verify`', status: 409, exit: 9 },
  SCRIPT_FAILED: {
    message: 'job "{job}" failed{position}: {reason}',
    hint: 'mend it and go on with: goose jobs resume {run}',
    status: 500,
    exit: 1,
  },
  ENTRY_NOT_FOUND: { message: 'the audit has no entry {entry}', hint: 'see `goose audit log`', status: 404, exit: 5 },
  CHANGE_OVERTAKEN: {
    message: '{model} {id}: {paths} changed since entry {entry}',
    hint: 'look at it with `goose audit log`; --force takes it back all the same',
    status: 409,
    exit: 11,
  },
  PLAN_DRIFTED: { message: 'plan {plan} no longer fits: {reason}', hint: '{hint}', status: 409, exit: 12 },
  PLAN_NOT_FOUND: { message: 'there is no plan {plan}', hint: '{hint}', status: 404, exit: 5 },
  RUN_NOT_FOUND: { message: 'there is no run {run}', hint: '{hint}', status: 404, exit: 5 },
  RUN_REFUSED: { message: 'run {run}: {reason}', hint: '{hint}', status: 409, exit: 2 },
  TOO_MANY_DOCUMENTS: {
    message: '{operation} of {model} would touch {count} documents, and at most {most} are allowed',
    hint: 'narrow the filter, or allow more',
    status: 409,
    exit: 2,
  },
  ARCHIVE_REFUSED: { message: 'archive {place}: {reason}', hint: '{hint}', status: 409, exit: 2 },
  ARCHIVE_CLASHES: {
    message: '{count} documents cannot go back to {model}: {reason}',
    hint: 'delete or change those that are in the way; nothing was restored',
    status: 409,
    exit: 11,
  },
  ARCHIVE_UNWRITABLE: {
    message: 'archive {place} cannot be written: {reason}',
    hint: 'nothing was deleted that is not in it; make room, then resume the run',
    status: 507,
    exit: 6,
  },
  ARCHIVE_DAMAGED: {
    message: 'the archive is damaged: {reason}',
    hint: 'see `goose archive verify`',
    status: 500,
    exit: 9,
  },
  REQUEST_INVALID: {
    message: 'the {part} is not valid: {issues}',
    hint: 'correct what is named',
    status: 400,
    exit: 2,
  },
  ROUTE_NOT_FOUND: {
    message: 'there is nothing at {method} {path}',
    hint: 'see the OpenAPI document for what there is',
    status: 404,
    exit: 5,
  },
  METHOD_REFUSED: { message: '{path} does not take {method}', hint: 'it takes {allowed}', status: 405, exit: 2 },
  BODY_TOO_LARGE: {
    message: 'the body is larger than {most} bytes',
    hint: 'send less at a time, or allow more by bodyLimit',
    status: 413,
    exit: 2,
  },
  MEDIA_TYPE_REFUSED: {
    message: 'the body is {given}, and only JSON is taken',
    hint: 'send it with content-type: application/json',
    status: 415,
    exit: 2,
  },
  CONFIG_INVALID: { message: 'configuration {file}: {reason}', hint: '{hint}', status: 500, exit: 2 },
  USAGE: { message: '{reason}', hint: '{hint}', status: 400, exit: 2 },
  UNKNOWN_COMMAND: { message: '"{name}" is not a command', hint: '{hint}', status: 400, exit: 2 },
  UNKNOWN_FLAG: { message: '`goose {command}` has no flag {flag}', hint: '{hint}', status: 400, exit: 2 },
  UNKNOWN_CONNECTION: { message: 'connection "{name}" is not configured', hint: '{hint}', status: 400, exit: 2 },
  DECLINED: { message: '{action} was declined', hint: 'nothing was changed', status: 409, exit: 3 },
  CONSENT_NEEDED: { message: '{action} needs consent', hint: '{hint}', status: 403, exit: 4 },
  CODE_FAILED: { message: '{name}: {reason}', hint: '{hint}', status: 500, exit: 1 },
  READ_ONLY: { message: '{action} is refused: {reason}', hint: '{hint}', status: 403, exit: 4 },
  FILE_FAILED: { message: 'cannot {action} {path}: {reason}{more}', hint: '{hint}', status: 500, exit: 1 },
  INPUT_INVALID: { message: '{path}, {place}: {reason}', hint: '{hint}', status: 422, exit: 11 },
  MODEL_LOAD_FAILED: { message: '{file}{position}: {reason}', hint: '{hint}', status: 500, exit: 2 },
} as const satisfies Record<string, Entry>

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
