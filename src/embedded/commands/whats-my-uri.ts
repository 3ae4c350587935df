// Tells a client from where it is connected.
import { document } from '../literal.ts'
import type { Command } from '../room.ts'

export const whatsMyUri: Command = {
  help: 'tells a client from where it is connected',
  run: ({ client }) => document({ you: client.peer }),
}
