// Tells a heartbeat service how a job fares: that it has begun, ended well, or failed.

/** Calls the address of a service; what it answers, or whether it does, changes nothing. */
export interface Heartbeat {
  started(): void
  ended(how: 'well' | 'badly'): Promise<void>
}

const PATIENCE = 5000

/** Makes the heartbeat of an address; without one, nothing is called. */
export function heartbeatOf(url: string | undefined): Heartbeat {
  if (url === undefined) return { started: () => {}, ended: async () => {} }
  let starting: Promise<void> | undefined
  return {
    started: () => {
      starting = call(url, '/start')
    },
    ended: async how => {
      await starting
      await call(url, how === 'well' ? '' : '/fail')
    },
  }
}

// A service that does not answer is no reason for a job to fail.
async function call(url: string, ending: string): Promise<void> {
  const at = new URL(url)
  at.pathname = `${at.pathname.replace(/\/$/, '')}${ending}`
  const asked = fetch(at, { signal: AbortSignal.timeout(PATIENCE) })
  await asked.then(answer => answer.body?.cancel()).catch(() => undefined)
}
