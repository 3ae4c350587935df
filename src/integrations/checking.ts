// Checks the parts of a request by zod schemas: what does not fit is named by its path.
import * as z from 'zod'
import { ValidationFailed, type ValidationIssue } from '../errors.ts'
import { RequestInvalid } from './request-invalid.ts'

/** The parts of a request that are checked. */
export type RequestPart = 'body' | 'query' | 'path' | 'header'

/** Gives what the schema makes of a part. Throws `ValidationFailed` for a body, `RequestInvalid` for the rest. */
export function checked(part: RequestPart, schema: z.core.$ZodType, value: unknown): unknown {
  try {
    return taken(part, z.safeParse(schema, value))
  } catch (error) {
    if (!(error instanceof z.core.$ZodAsyncError)) throw error
    return z.safeParseAsync(schema, value).then(result => taken(part, result))
  }
}

/** Makes the error of a part that does not fit. */
export function refusalOf(part: RequestPart, issues: readonly ValidationIssue[]): RequestInvalid | ValidationFailed {
  return part === 'body' ? new ValidationFailed('the body', issues) : new RequestInvalid(part, issues)
}

function taken(part: RequestPart, result: z.ZodSafeParseResult<unknown>): unknown {
  if (result.success) return result.data
  throw refusalOf(part, result.error.issues.flatMap(issuesOf))
}

function issuesOf(issue: z.core.$ZodIssue): ValidationIssue[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({ path: [...path, key].join('.'), message: 'is not known here' }))
  return [{ path: path.join('.'), message: sentence(issue.message) }]
}

function sentence(message: string): string {
  if (/received undefined$/.test(message)) return 'is required'
  return message.replace(/^Invalid input: /, '').replace(/^expected number, received NaN$/, 'expected a number')
}
