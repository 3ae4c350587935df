// Waits out a lost connection: the work is tried again until the database answers or patience ends.
import { NotConnected } from '../errors.ts'
import { comesOfLostConnection } from '../runtime/lost-connection.ts'
import { type IsOver, pause } from './throttle.ts'

// How long a lost connection is waited for, in milliseconds.
const PATIENCE = 60_000

const LOOK_AGAIN = 500

/** Does work that may be repeated; `attempt` counts from 1. Throws `NotConnected` when the database stays away. */
export async function patiently<T>(
  work: (attempt: number) => Promise<T>,
  { patience = PATIENCE, isOver = () => false }: { readonly patience?: number | undefined; readonly isOver?: IsOver },
): Promise<T> {
  let lostAt: number | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      if (!comesOfLostConnection(error)) throw error
      lostAt ??= performance.now()
      const away = performance.now() - lostAt
      if (away > patience || (await isOver()))
        throw new NotConnected(
          { reason: `the database has not answered for ${Math.round(away / 1000)} s` },
          { cause: error },
        )
      await pause(LOOK_AGAIN, isOver)
    }
  }
}
