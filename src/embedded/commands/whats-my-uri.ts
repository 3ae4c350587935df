// Tells a client from where it is connected.
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'

export const whatsMyUri: Command = {
  help: 'tells a client from where it is connected',
  run: ({ client }) => document({ you: client.peer }),
}
