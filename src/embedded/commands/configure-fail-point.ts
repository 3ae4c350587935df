// Makes commands fail on purpose, where the server was started with fail points.
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'

export const configureFailPoint: Command = {
  help: 'makes commands fail on purpose',
  adminOnly: true,
  run: ({ request, room }) => {
    room.failPoints.configure(request.body)
    return document({})
  },
}
