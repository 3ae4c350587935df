// A request that cannot be used: its query, its path, its headers, or a body that cannot be read.
import { GooseError, type ValidationIssue } from '../errors.ts'

/** Is raised for a query or a path that does not fit: what is wrong, by name. */
export class RequestInvalid extends GooseError {
  readonly issues: readonly ValidationIssue[]

  constructor(part: string, issues: readonly ValidationIssue[], options?: ErrorOptions) {
    const shown = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
    super('REQUEST_INVALID', { part, issues: shown }, options)
    this.issues = issues
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), issues: this.issues }
  }
}
