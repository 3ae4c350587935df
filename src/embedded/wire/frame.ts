// Cuts a stream of bytes into wire messages, and refuses lengths no message can have.

export const MAX_MESSAGE_BYTES = 48_000_000
const HEADER_BYTES = 16

/** What came is no message: the connection cannot go on. */
export class ProtocolViolation extends Error {}

/** Collects chunks until a whole message is there. */
export class FrameReader {
  #chunks: Buffer[] = []
  #held = 0
  #needed = HEADER_BYTES;

  /** Takes a chunk and gives the messages it completes. */
  *read(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    while (this.#held >= this.#needed) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
      const length = lengthOf(bytes)
      this.#needed = length
      this.#chunks = [bytes]
      if (bytes.length < length) return
      this.#hold(bytes.subarray(length))
      yield bytes.subarray(0, length)
    }
  }

  #hold(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#held = rest.length
    this.#needed = HEADER_BYTES
  }
}

function lengthOf(bytes: Buffer): number {
  const length = bytes.readInt32LE(0)
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
    throw new ProtocolViolation(`message length ${length} is outside of ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES}`)
  return length
}
