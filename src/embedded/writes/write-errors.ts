// Collects what goes wrong with single statements of a write command, and builds its reply.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { toCommandError } from '../operation/error-reply.ts'

/** Errors that end the whole command, whatever statement they come from. */
const FATAL = new Set([112, 50, 1, 14031, 96, 251, 11600, 11601])

export function isFatal(error: CommandError): boolean {
  return FATAL.has(error.code)
}

export class WriteErrors {
  readonly #errors: Document[] = []
  readonly #isOrdered: boolean
  readonly #inTransaction: boolean

  constructor(options: { readonly isOrdered: boolean; readonly inTransaction: boolean }) {
    this.#isOrdered = options.isOrdered
    this.#inTransaction = options.inTransaction
  }

  get isStopped(): boolean {
    return this.#isOrdered && this.#errors.length > 0
  }

  add(index: number, thrown: unknown): void {
    const error = toCommandError(thrown)
    if (this.#inTransaction || isFatal(error)) throw error
    const document: Document = new Map<string, Value>([
      ['index', int32(index)],
      ['code', int32(error.code)],
    ])
    for (const [name, value] of error.fields) document.set(name, value as Value)
    document.set('errmsg', error.message)
    this.#errors.push(document)
  }

  addTo(reply: Document): Document {
    if (this.#errors.length > 0) reply.set('writeErrors', this.#errors)
    return reply
  }
}

export function checkBatchSize(count: number): void {
  if (count < 1 || count > 100_000)
    throw new CommandError('InvalidLength', `Write batch sizes must be between 1 and 100000. Got ${count} operations.`)
}
