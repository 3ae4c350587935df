// Who holds a lease: the person, the machine and the process, and whether that process is still there.
import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'

/** The process that holds a lease or works at a run. */
export interface Holder {
  /** Different for each piece of work, also within one process. */
  readonly id: string
  readonly user: string
  readonly host: string
  readonly pid: number
  /** Says which process ids may be compared with each other: one machine since it started, one container. */
  readonly place: string
}

/** Describes this process as a holder. */
export function thisHolder(): Holder {
  return { id: randomUUID(), user: userName(), host: hostname(), pid: process.pid, place: place() }
}

/** Writes a holder as people read it. */
export function holderText({ user, host, pid }: Holder): string {
  return `${user}@${host} pid ${pid}`
}

/** Tells whether the process of a holder has surely ended; of other machines that cannot be known. */
export function isGone(holder: Holder): boolean {
  if (holder.place === '' || holder.place !== place()) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

// A host name alone is no proof: containers and machines made from one image share it.
function place(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? 'unknown'
  }
}
