// Starts an embedded database in a temporary folder, asks it one thing by the bare protocol, and ends.
import { connect } from 'node:net'
import { startEmbedded } from '../../dist/embedded/index.js'
import { BSON } from '../../node_modules/mongodb/lib/index.js'

const server = await startEmbedded()
const [, address] = /^mongodb:\/\/([^/]+)/.exec(server.uri)
const socket = address.includes('%2F')
  ? connect(decodeURIComponent(address))
  : connect(address.split(':')[1], '127.0.0.1')
socket.write(message({ ping: 1, $db: 'admin' }))
socket.once('data', async reply => {
  console.log(BSON.deserialize(reply.subarray(21)).ok === 1 ? 'answered' : '')
  socket.destroy()
  await server.close()
})

function message(command) {
  const body = BSON.serialize(command)
  const header = Buffer.alloc(21)
  header.writeInt32LE(21 + body.length, 0)
  header.writeInt32LE(1, 4)
  header.writeInt32LE(2013, 12)
  return Buffer.concat([header, body])
}
