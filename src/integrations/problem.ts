// Problem documents (RFC 9457): what a client is told of an error, and nothing that only the log should know.
import { STATUS_CODES } from 'node:http'
import { errorTable, type ValidationIssue } from '../errors.ts'
import { isLostConnection } from '../runtime/lost-connection.ts'

/** What a client is told when a request fails, as `application/problem+json`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The stable name of what went wrong. */
  readonly code: string
  /** The path that was asked. */
  readonly instance?: string
  readonly requestId?: string
  /** What is wrong with the request, by path. */
  readonly issues?: readonly ValidationIssue[]
}

/** Which request a problem is about. */
export interface ProblemOccasion {
  readonly instance?: string
  readonly requestId?: string
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

interface Thrown {
  readonly name?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly status?: unknown
  readonly statusCode?: unknown
  readonly issues?: readonly ValidationIssue[]
}

/** Makes the problem document of any error. What only the server can mend is said without its details.
 *
 * ```ts
 * const problem = problemOf(await Post.get('65f0a1b2c3d4e5f607182930').catch(error => error))
 * console.assert(problem.status === 404 && problem.code === 'DOCUMENT_NOT_FOUND')
 * ```
 */
export function problemOf(error: unknown, occasion: ProblemOccasion = {}): Problem {
  const thrown = typeof error === 'object' && error !== null ? (error as Thrown) : {}
  const status = statusOf(thrown)
  const issues = status < 500 && Array.isArray(thrown.issues) ? thrown.issues : undefined
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: detailOf(thrown, status),
    code: codeOf(thrown, status),
    ...occasion,
    ...(issues ? { issues: issues.map(({ path, message }) => ({ path, message })) } : {}),
  }
}

// An application's own errors may say their status; the driver's have none.
function statusOf(thrown: Thrown): number {
  if (isLostConnection(thrown) || crowded.has(String(thrown.name))) return 503
  if (thrown.name === 'MongoServerError' && thrown.code === OUT_OF_TIME) return 504
  const status = thrown.status ?? thrown.statusCode
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500
}

// The database is there, and has no room or no time for one more.
const crowded = new Set(['MongoWaitQueueTimeoutError', 'MongoOperationTimeoutError'])

/** The code of the server for a query that was given no more time. */
const OUT_OF_TIME = 50

function detailOf(thrown: Thrown, status: number): string {
  if (status === 503) return 'the database cannot be reached at the moment; try again later'
  if (status >= 500) return 'something went wrong that is not the fault of the request; its requestId leads to the log'
  return String(thrown.message ?? STATUS_CODES[status])
}

const byStatus: Readonly<Record<number, string>> = {
  400: 'REQUEST_INVALID',
  404: 'ROUTE_NOT_FOUND',
  405: 'METHOD_REFUSED',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE_REFUSED',
  503: 'NOT_CONNECTED',
  504: 'TIMED_OUT',
}

const ours: ReadonlySet<unknown> = new Set(errorTable().map(({ code }) => code))

// Codes of a web framework or of Node are their own affair: clients see the same ones from every adapter. Those of an
// application are told where the request is to blame.
function codeOf({ code }: Thrown, status: number): string {
  const isTold = ours.has(code) || (status < 500 && /^(?!FST_|ERR_|E[A-Z0-9]+$)[A-Z][A-Z_]+$/.test(String(code)))
  if (isTold && status !== 503) return String(code)
  return byStatus[status] ?? (STATUS_CODES[status] ?? 'Error').toUpperCase().replaceAll(/\W+/g, '_')
}
