// Tells the one error of a lost connection that the driver hands on as Node made it.

/** Tells whether a command met a socket that the server has ended. A reader that has gone away is another matter: that error names its system call. */
export function isEndedSocket(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown }
  return code === 'EPIPE' && syscall === undefined
}
