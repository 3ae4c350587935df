// Describes the replica set of one member that the server is.
import { int32 } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import type { Command, Room } from '../operation/room.ts'
import { SET_NAME } from './hello.ts'

export const replSetGetStatus: Command = {
  help: 'describes the replica set of one member',
  adminOnly: true,
  run: ({ room }) => {
    requireReplicaSet(room)
    const now = new Date()
    const uptime = Math.floor((now.getTime() - room.startedAt.getTime()) / 1000)
    const member = { _id: 0, name: room.address, health: 1, state: 1, stateStr: 'PRIMARY', uptime, self: true }
    return document({
      set: SET_NAME,
      date: now,
      myState: int32(1),
      majorityVoteCount: 1,
      writeMajorityCount: 1,
      votingMembersCount: 1,
      writableVotingMembersCount: 1,
      members: [member],
    })
  },
}

export const replSetGetConfig: Command = {
  help: 'gives the configuration of the replica set of one member',
  adminOnly: true,
  run: ({ room }) => {
    requireReplicaSet(room)
    const member = { _id: 0, host: room.address, arbiterOnly: false, hidden: false, priority: 1, votes: 1 }
    return document({ config: { _id: SET_NAME, version: 1, term: 1, members: [member], settings: {} } })
  },
}

function requireReplicaSet({ standalone }: Room): void {
  if (standalone) throw new CommandError('NoReplicationEnabled', 'not running with --replSet')
}
