// Speaks the wire protocol byte by byte, to say what no driver would.
import { connect, type Socket } from 'node:net'
import { type Document, decodeDocument } from '../../src/embedded/bson/decode.ts'
import { encodeDocument } from '../../src/embedded/bson/encode.ts'

export interface WireClient {
  /** Sends bytes and gives the next whole message, or 'closed' when the server hangs up instead. */
  send(bytes: Buffer): Promise<Buffer | 'closed'>
  close(): void
}

/** Connects to host:port or to the path of a socket. */
export async function wireClient(address: string): Promise<WireClient> {
  const [host, port] = address.split(':')
  const socket = address.startsWith('/') ? connect(address) : connect(Number(port), host)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  socket.setMaxListeners(0)
  return { send: bytes => exchange(socket, bytes), close: () => socket.destroy() }
}

function exchange(socket: Socket, bytes: Buffer): Promise<Buffer | 'closed'> {
  return new Promise(resolve => {
    let held = Buffer.alloc(0)
    const end = (answer: Buffer | 'closed') => {
      socket.off('data', take)
      socket.off('close', closed)
      resolve(answer)
    }
    const take = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      if (held.length >= 4 && held.length >= held.readInt32LE(0)) end(held)
    }
    const closed = () => end('closed')
    if (socket.destroyed) return resolve('closed')
    socket.on('data', take)
    socket.on('close', closed)
    socket.write(bytes)
  })
}

/** Builds an OP_MSG with one body. */
export function messageOf(body: Document | Buffer): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : encodeDocument(body)
  return framed(2013, Buffer.concat([Buffer.alloc(5), bytes]))
}

/** Puts a header of an operation before what follows it. */
export function framed(opcode: number, rest: Buffer): Buffer {
  const header = Buffer.alloc(16)
  header.writeInt32LE(16 + rest.length, 0)
  header.writeInt32LE(7, 4)
  header.writeInt32LE(opcode, 12)
  return Buffer.concat([header, rest])
}

/** Reads the body of an OP_MSG reply. */
export function bodyOf(reply: Buffer | 'closed'): Document {
  if (reply === 'closed') throw new Error('the server closed the connection')
  return decodeDocument(reply, 21)
}
