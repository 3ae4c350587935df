// Lets long work stop where it can be taken up again: the first signal asks, a second one ends at once.

/** Whether a signal has asked to stop; `leave` gives the signals back. */
export interface Interruption {
  isAsked(): boolean
  leave(): void
}

/** Takes SIGINT and SIGTERM as a wish to stop soon. */
export function onInterruption(): Interruption {
  let isAsked = false
  const ask = (signal: NodeJS.Signals) => {
    if (isAsked) process.exit(signal === 'SIGINT' ? 130 : 143)
    isAsked = true
  }
  process.on('SIGINT', ask)
  process.on('SIGTERM', ask)
  return {
    isAsked: () => isAsked,
    leave: () => {
      process.off('SIGINT', ask)
      process.off('SIGTERM', ask)
    },
  }
}
