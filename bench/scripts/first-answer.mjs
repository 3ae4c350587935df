// Starts an embedded database in a temporary folder, asks it one thing by the bare protocol, and ends.
import { connect } from 'node:net'
import { startEmbedded } from '../../dist/embedded/index.js'

/** The BSON of { ping: 1, $db: 'admin' }: loading the driver takes longer than all else here. */
const ping = Buffer.from('\x1e\0\0\0\x10ping\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0', 'latin1')

const server = await startEmbedded()
const [, address] = /^mongodb:\/\/([^/]+)/.exec(server.uri)
const socket = address.includes('%2F')
  ? connect(decodeURIComponent(address))
  : connect(address.split(':')[1], '127.0.0.1')
socket.write(message(ping))
socket.once('data', async reply => {
  console.log(reply.includes('\x01ok\0\0\0\0\0\0\0\xf0\x3f', 0, 'latin1') ? 'answered' : '')
  socket.destroy()
  await server.close()
})

function message(body) {
  const header = Buffer.alloc(21)
  header.writeInt32LE(21 + body.length, 0)
  header.writeInt32LE(1, 4)
  header.writeInt32LE(2013, 12)
  return Buffer.concat([header, body])
}
