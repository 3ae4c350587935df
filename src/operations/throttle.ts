// Keeps a run from going faster than it may: documents in a second, and the lag of majority writes.
import type { RunLimits } from './run-document.ts'

/** Waits as long as the limits ask for. */
export interface Throttle {
  after(documents: number, limits: RunLimits): Promise<void>
}

/** Says whether waiting is to end early. */
export type IsOver = () => boolean | Promise<boolean>

const SLICE = 250
const CREDIT = 1000

/** Makes the throttle of one run. `majorityWrite` writes something small and waits for a majority. */
export function throttleOf(majorityWrite: () => Promise<unknown>, isOver: IsOver): Throttle {
  let due = performance.now()
  const keepRate = async (documents: number, { rate }: RunLimits) => {
    if (!rate) return
    // What was not used long ago is no credit: after a pause it does not go faster than it may.
    due = Math.max(due, performance.now() - CREDIT) + (documents / rate) * 1000
    await pause(due - performance.now(), isOver)
  }
  const keepLag = async ({ maxLag }: RunLimits) => {
    while (maxLag !== undefined && !(await isOver())) {
      const asked = performance.now()
      await majorityWrite()
      const lag = performance.now() - asked
      if (lag <= maxLag) return
      await pause(lag, isOver)
    }
  }
  return {
    after: async (documents, limits) => {
      await keepRate(documents, limits)
      await keepLag(limits)
    },
  }
}

/** Waits, in slices, so that a wish to stop is heard soon. */
export async function pause(milliseconds: number, isOver: IsOver): Promise<void> {
  const until = performance.now() + milliseconds
  for (let left = milliseconds; left > 0 && !(await isOver()); left = until - performance.now())
    await new Promise(resolve => setTimeout(resolve, Math.min(left, SLICE)))
}
