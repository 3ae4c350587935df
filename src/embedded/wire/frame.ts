// Cuts a stream of bytes into wire messages, and refuses lengths no message can have.

export const MAX_MESSAGE_BYTES = 48_000_000
const HEADER_BYTES = 16
const NOTHING = Buffer.alloc(0)

/** What came is no message: the connection cannot go on. */
export class ProtocolViolation extends Error {}

/** Collects chunks until a whole message is there. */
export class FrameReader {
  /** what came of a header that is not whole */
  #start: Buffer = NOTHING
  /** the message that has begun, and how many of its bytes are there */
  #message: Buffer | undefined
  #filled = 0;

  /** Takes a chunk and gives the messages it completes. */
  *read(chunk: Buffer): Generator<Buffer> {
    let rest = this.#start.length > 0 ? Buffer.concat([this.#start, chunk]) : chunk
    if (this.#message !== undefined) {
      rest = this.#fill(this.#message, rest)
      if (this.#filled < this.#message.length) return
      yield this.#message
    }
    this.#message = undefined
    for (; rest.length >= HEADER_BYTES; ) {
      const length = lengthOf(rest)
      if (rest.length < length) return this.#begin(length, rest)
      yield rest.subarray(0, length)
      rest = rest.subarray(length)
    }
    this.#start = rest.length > 0 ? rest : NOTHING
  }

  /** A large message gets its room at once: every byte of it is copied only once. */
  #begin(length: number, bytes: Buffer): void {
    this.#start = NOTHING
    this.#message = Buffer.allocUnsafe(length)
    this.#filled = 0
    this.#fill(this.#message, bytes)
  }

  /** Gives the bytes that belong to the next message. */
  #fill(message: Buffer, bytes: Buffer): Buffer {
    const copied = bytes.copy(message, this.#filled)
    this.#filled += copied
    return bytes.subarray(copied)
  }
}

function lengthOf(bytes: Buffer): number {
  const length = bytes.readInt32LE(0)
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
    throw new ProtocolViolation(`message length ${length} is outside of ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES}`)
  return length
}
