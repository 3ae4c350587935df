// Says how the server is: since when it runs, what it has served, what it holds open and what memory it takes.
import { Long } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { Command, Room } from '../operation/room.ts'
import { VERSION } from '../operation/version.ts'
import { hostOf } from '../query/running.ts'
import { SET_NAME } from './hello.ts'

/** the server sets no bound of its own; this is MongoDB's */
const MOST_CONNECTIONS = 65_536

export const serverStatus: Command = {
  help: 'says how the server is',
  run: ({ room, request }) => {
    const status = document({ ...identity(room), ...served(room), ...held(room) })
    for (const [section, wanted] of request.body)
      if (status.has(section) && section !== 'host' && isOff(wanted)) status.delete(section)
    return status
  },
}

function isOff(value: Value): boolean {
  return value === false || Number(value) === 0
}

function identity(room: Room) {
  const milliseconds = Date.now() - room.startedAt.getTime()
  return {
    host: hostOf(room),
    version: VERSION,
    process: 'goose',
    pid: long(process.pid),
    uptime: milliseconds / 1000,
    uptimeMillis: long(milliseconds),
    uptimeEstimate: long(Math.floor(milliseconds / 1000)),
    localTime: new Date(),
    ...(room.standalone ? {} : { repl: { setName: SET_NAME, isWritablePrimary: true, secondary: false } }),
    storageEngine: {
      name: 'lmdb',
      supportsCommittedReads: true,
      persistent: true,
      readOnly: false,
      dataFileBytes: long(room.store.size()),
    },
  }
}

function served({ activity, connections }: Room) {
  const { network, counters } = activity
  const counts = Object.entries(counters).map(([name, count]) => [name, long(count)])
  return {
    connections: {
      current: connections.current,
      available: MOST_CONNECTIONS - connections.current,
      totalCreated: connections.total,
      active: [...activity.running].length,
    },
    network: {
      bytesIn: long(network.bytesIn),
      bytesOut: long(network.bytesOut),
      numRequests: long(network.numRequests),
    },
    opcounters: Object.fromEntries(counts),
    globalLock: { currentQueue: { total: 0, readers: 0, writers: 0 } },
  }
}

function held({ cursors, sessions }: Room) {
  const transactions = sessions.all.filter(({ transaction }) => transaction?.state === 'open').length
  const { rss } = process.memoryUsage()
  return {
    logicalSessionRecordCache: { activeSessionsCount: sessions.all.length },
    metrics: { cursor: { open: { total: long(cursors.size) } } },
    transactions: { currentOpen: long(transactions), currentInactive: long(transactions) },
    mem: { bits: 64, resident: Math.round(rss / 2 ** 20), supported: true },
  }
}

function long(number: number): Long {
  return Long.fromNumber(number)
}
