// Builds wire replies: a document, or a batch of stored documents that are copied once and never decoded.
import type { Document } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { type Message, OP_MSG, OP_QUERY, OP_REPLY } from './message.ts'

let lastId = 0

/** Puts a reply's body into the message that answers a request. */
export function replyTo(request: Message, body: Buffer): Buffer {
  if (request.opcode === OP_QUERY) return replyToQuery(request, body)
  const message = Buffer.allocUnsafe(21 + body.length)
  writeHeader(message, request, OP_MSG)
  message.writeUInt32LE(0, 16)
  message[20] = 0
  message.set(body, 21)
  return message
}

function replyToQuery(request: Message, body: Buffer): Buffer {
  const message = Buffer.alloc(36 + body.length)
  writeHeader(message, request, OP_REPLY)
  message.writeInt32LE(8, 16)
  message.writeInt32LE(1, 32)
  message.set(body, 36)
  return message
}

function writeHeader(message: Buffer, request: Message, opcode: number): void {
  message.writeInt32LE(message.length, 0)
  message.writeInt32LE(lastId++ | 0, 4)
  message.writeInt32LE(request.id, 8)
  message.writeInt32LE(opcode, 12)
}

const FIRST_BATCH_BYTES = 16_384

/** A BSON array of documents, built from their bytes. */
export class Batch {
  #bytes = Buffer.allocUnsafe(FIRST_BATCH_BYTES)
  #end = 4
  #count = 0

  get count(): number {
    return this.#count
  }

  get size(): number {
    return this.#end
  }

  /** Copies the document that the bytes begin with. */
  add(bytes: Uint8Array): void {
    const size = sizeOf(bytes)
    const name = String(this.#count++)
    this.#reserve(size + name.length + 3)
    this.#bytes[this.#end] = 3
    const valueAt = this.#end + 2 + name.length
    this.#bytes.latin1Write(name, this.#end + 1)
    this.#bytes[valueAt - 1] = 0
    this.#bytes.set(bytes.subarray(0, size), valueAt)
    this.#end = valueAt + size
  }

  /** Gives the finished array. */
  close(): Buffer {
    this.#reserve(1)
    this.#bytes[this.#end] = 0
    this.#bytes.writeInt32LE(this.#end + 1, 0)
    return this.#bytes.subarray(0, this.#end + 1)
  }

  #reserve(size: number): void {
    if (this.#end + size < this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + size + 1))
    larger.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = larger
  }
}

function sizeOf(bytes: Uint8Array): number {
  return bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)
}

export interface CursorReply {
  readonly id: bigint
  readonly namespace: string
  readonly field: 'firstBatch' | 'nextBatch'
  readonly batch: Batch
}

/** Gives the body `{ cursor: { firstBatch: […], id, ns }, ok: 1 }`. */
export function cursorBody({ id, namespace, field, batch }: CursorReply): Buffer {
  const array = batch.close()
  const rest = encodeDocument(
    new Map<string, bigint | string>([
      ['id', id],
      ['ns', namespace],
    ]),
  )
  const cursorSize = 4 + 1 + field.length + 1 + array.length + (rest.length - 5) + 1
  const total = 4 + 1 + 7 + cursorSize + OK.length - 4
  const bytes = Buffer.allocUnsafe(total)
  let at = bytes.writeInt32LE(total, 0)
  at += bytes.latin1Write('\x03cursor\0', at)
  at = bytes.writeInt32LE(cursorSize, at)
  at += bytes.latin1Write(`\x04${field}\0`, at)
  bytes.set(array, at)
  at += array.length
  bytes.set(rest.subarray(4), at)
  at += rest.length - 4
  bytes.set(OK.subarray(4), at)
  return bytes
}

const OK = encodeDocument(new Map([['ok', 1]]) as Document)

declare global {
  interface Buffer {
    latin1Write(text: string, offset?: number, length?: number): number
  }
}
