// Answers that the server is there.
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'

export const ping: Command = { help: 'answers that the server is there', run: () => document({}) }
