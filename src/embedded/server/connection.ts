// Serves one client's connection: answers its requests in order, and hangs up on anything that is no message.
import type { Socket } from 'node:net'
import type { Client, Room } from '../operation/room.ts'
import { FrameReader } from '../wire/frame.ts'
import { readMessage } from '../wire/message.ts'
import { replyTo } from '../wire/reply.ts'
import { answer, CLOSE } from './dispatch.ts'

const MOST_WAITING = 16

export function serveConnection(socket: Socket, room: Room, client: Client): void {
  const connection = new Connection(socket, room, client)
  socket.on('data', chunk => connection.take(chunk))
  socket.on('error', () => socket.destroy())
  socket.setNoDelay(true)
}

class Connection {
  readonly #socket: Socket
  readonly #room: Room
  readonly #client: Client
  readonly #frames = new FrameReader()
  readonly #waiting: Buffer[] = []
  #isBusy = false

  constructor(socket: Socket, room: Room, client: Client) {
    this.#socket = socket
    this.#room = room
    this.#client = client
  }

  take(chunk: Buffer): void {
    this.#room.activity.network.bytesIn += chunk.length
    try {
      for (const frame of this.#frames.read(chunk)) this.#waiting.push(frame)
      if (this.#waiting.length > MOST_WAITING) this.#socket.pause()
      this.#work().catch(() => this.#socket.destroy())
    } catch {
      this.#socket.destroy()
    }
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    for (let bytes = this.#waiting.shift(); bytes && !this.#socket.destroyed; bytes = this.#waiting.shift())
      await this.#serve(bytes)
    this.#isBusy = false
    this.#socket.resume()
  }

  async #serve(bytes: Buffer): Promise<void> {
    const message = readMessage(bytes)
    const reply = await answer(message, this.#room, this.#client)
    if (reply === CLOSE) this.#socket.destroy()
    else if (message.wantsReply && !this.#socket.destroyed) await this.#send(replyTo(message, reply))
  }

  /** A client that does not read gets no further answers until it does. */
  async #send(bytes: Buffer): Promise<void> {
    const { network } = this.#room.activity
    network.bytesOut += bytes.length
    network.numRequests++
    if (this.#socket.write(bytes)) return
    await new Promise<void>(resume => {
      const end = () => {
        this.#socket.off('drain', end)
        this.#socket.off('close', end)
        resume()
      }
      this.#socket.once('drain', end)
      this.#socket.once('close', end)
    })
  }
}
