// Serves one client's connection: reads requests, answers them in order, and closes it on anything that is no message.
import type { Socket } from 'node:net'
import { answer, CLOSE } from './dispatch.ts'
import type { Client, Room } from './room.ts'
import { FrameReader } from './wire/frame.ts'
import { readMessage } from './wire/message.ts'
import { replyTo } from './wire/reply.ts'

export function serveConnection(socket: Socket, room: Room, client: Client): void {
  const frames = new FrameReader()
  const waiting: Buffer[] = []
  let isBusy = false
  const work = async () => {
    if (isBusy) return
    isBusy = true
    for (let bytes = waiting.shift(); bytes && !socket.destroyed; bytes = waiting.shift()) await serve(bytes)
    isBusy = false
    socket.resume()
  }
  const serve = async (bytes: Buffer) => {
    const message = readMessage(bytes)
    const reply = await answer(message, room, client)
    if (reply === CLOSE) socket.destroy()
    else if (message.wantsReply && !socket.destroyed) send(replyTo(message, reply))
  }
  const { network } = room.activity
  const send = (bytes: Buffer) => {
    network.bytesOut += bytes.length
    network.numRequests++
    socket.write(bytes)
  }
  socket.on('data', chunk => {
    network.bytesIn += chunk.length
    try {
      for (const frame of frames.read(chunk)) waiting.push(frame)
      if (waiting.length > MOST_WAITING) socket.pause()
      work().catch(() => socket.destroy())
    } catch {
      socket.destroy()
    }
  })
  socket.on('error', () => socket.destroy())
  socket.setNoDelay(true)
}

const MOST_WAITING = 16
