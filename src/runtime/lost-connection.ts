// Tells which errors say that the database is out of reach, and not that it has refused something.

const names = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
])

// What a member says that shuts down, steps down, or is not yet ready.
const codes = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])

/** Tells whether an error of the driver, by itself, says that the connection is lost; its causes are not looked at. */
export function isLostConnection(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown }
  // Other packages number their errors, too; what a server answers inside an error of the driver has no name.
  const isServer = name === undefined || /^Mongo/.test(String(name))
  return names.has(String(name)) || (isServer && codes.has(code as number)) || isEndedSocket(error)
}

/** Tells whether an error, or what has caused it, says that the connection is lost. */
export function comesOfLostConnection(error: unknown): boolean {
  for (let at = error as DriverError | undefined; at; at = at.cause ?? at.errorResponse)
    if (isLostConnection(at)) return true
  return false
}

/** An error as the driver makes it; that of a bulk write has what happened as its response. */
interface DriverError {
  readonly cause?: DriverError
  readonly errorResponse?: DriverError
}

/** Tells whether a command met a socket that the server has ended. A reader that has gone away is another matter: that error names its system call. */
export function isEndedSocket(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown }
  return code === 'EPIPE' && syscall === undefined
}
