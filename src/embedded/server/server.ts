// Listens: on a private unix socket, or on loopback TCP where there are none or a port is asked for.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Room } from '../operation/room.ts'
import { serveConnection } from './connection.ts'

export interface Listener {
  readonly server: Server
  /** host:port, or the path of the socket */
  readonly address: string
  close(): Promise<void>
}

export interface Connections {
  current: number
  total: number
}

/** Binds an address; connections are served once `serve` has given what they need. */
export async function listen(port: number | undefined): Promise<Listener> {
  const server = createServer()
  const place = port === undefined ? placeForSocket() : undefined
  return place === undefined ? listenOnLoopback(server, port ?? 0) : listenOnSocket(server, place)
}

/** The path of a socket may have some 100 bytes only, and drivers write it in lower case. */
function placeForSocket(): string | undefined {
  if (process.platform === 'win32') return undefined
  return [tmpdir(), '/tmp'].find(
    place => place.length < 60 && (place === place.toLowerCase() || process.platform === 'darwin') && existsSync(place),
  )
}

/** Serves every connection until the listener is closed. */
export function serve(listener: Listener, room: Room, connections: Connections): void {
  const open = new Set<Socket>()
  listener.server.on('connection', socket => {
    open.add(socket)
    connections.current++
    const id = ++connections.total
    socket.on('close', () => {
      open.delete(socket)
      connections.current--
    })
    serveConnection(socket, room, { id, peer: peerOf(socket) })
  })
  listener.server.on('close', () => {})
  listener.server.on('drop', () => {})
  sockets.set(listener.server, open)
}

const sockets = new WeakMap<Server, Set<Socket>>()

function peerOf(socket: Socket): string {
  return socket.remoteAddress ? `${socket.remoteAddress}:${socket.remotePort}` : 'anonymous unix socket'
}

async function listenOnLoopback(server: Server, port: number): Promise<Listener> {
  await bound(server, () => server.listen({ host: '127.0.0.1', port }))
  const address = server.address() as { port: number }
  return { server, address: `127.0.0.1:${address.port}`, close: () => closed(server) }
}

async function listenOnSocket(server: Server, place: string): Promise<Listener> {
  const folder = join(place, `goose-${process.pid}-${randomBytes(6).toString('hex')}`)
  mkdirSync(folder, { mode: 0o700 })
  const path = join(folder, 'goose.sock')
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  await bound(server, () => server.listen(path))
  chmodSync(path, 0o600)
  const close = async () => {
    await closed(server)
    process.off('exit', remove)
    remove()
  }
  return { server, address: path, close }
}

function bound(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    start()
  })
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    for (const socket of sockets.get(server) ?? []) socket.destroy()
  })
}
