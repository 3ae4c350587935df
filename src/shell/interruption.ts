// Lets long work stop where it can be taken up again: the first signal asks, a second one ends at once.

/** Whether a signal has asked to stop; `leave` gives the signals back. */
export interface Interruption {
  isAsked(): boolean
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  leave(): void
}

/** Takes SIGINT and SIGTERM as a wish to stop soon. */
export function onInterruption(): Interruption {
  const asked = new AbortController()
  const ask = (signal: NodeJS.Signals) => {
    if (asked.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
    asked.abort()
  }
  process.on('SIGINT', ask)
  process.on('SIGTERM', ask)
  return {
    isAsked: () => asked.signal.aborted,
    signal: asked.signal,
    leave: () => {
      process.off('SIGINT', ask)
      process.off('SIGTERM', ask)
    },
  }
}
