// Does the work nobody waits for: closes what is idle, deletes expired documents, removes what was dropped.

import type { Room } from '../operation/room.ts'
import { removeDiscarded } from '../store/discarded.ts'
import { deleteExpired } from './expiry.ts'

const EVERY_MILLISECONDS = 10_000
const EXPIRY_MILLISECONDS = 30_000

export interface Housekeeping {
  stop(): void
}

export function startHousekeeping(room: Room): Housekeeping {
  let isRunning = false
  const round = async (work: () => Promise<void>) => {
    if (isRunning) return
    isRunning = true
    await work().catch(() => {})
    isRunning = false
  }
  const tidy = setInterval(() => {
    room.cursors.closeIdle(Date.now())
    const ended = new Set(room.sessions.expire(Date.now()))
    room.cursors.closeIf(({ source }) => source.session !== undefined && ended.has(source.session))
    releaseSnapshots(room)
    void round(() => removeDiscarded(room.store))
  }, EVERY_MILLISECONDS).unref()
  const expire = setInterval(() => void round(() => deleteExpired(room, new Date())), EXPIRY_MILLISECONDS).unref()
  return {
    stop() {
      clearInterval(tidy)
      clearInterval(expire)
    },
  }
}

/** A cursor must not read on from a state that is gone. */
function releaseSnapshots({ snapshots, cursors }: Room): void {
  const gone = new Set(snapshots.release(Date.now()))
  if (gone.size > 0) cursors.closeIf(({ source }) => gone.has(source.data))
}
