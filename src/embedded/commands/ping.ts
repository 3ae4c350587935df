// Answers that the server is there.
import { document } from '../literal.ts'
import type { Command } from '../room.ts'

export const ping: Command = { help: 'answers that the server is there', run: () => document({}) }
