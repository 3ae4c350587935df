// A buffer that stored bytes are built in, one element after the other.
import { ByteBuffer } from './byte-buffer.ts'

const SIZE = 1 << 14

/** Grows as it is written to; nested documents say where they begin, and get their length when they end. */
export class BsonBuffer extends ByteBuffer {
  constructor() {
    super(SIZE)
  }

  /** Gives what was built as a copy, and begins anew; what a huge document needed is given back. */
  override take(): Buffer {
    const taken = super.take()
    if (this.bytes.length > 1 << 20) this.bytes = Buffer.allocUnsafe(SIZE)
    return taken
  }

  int32(value: number): void {
    this.room(4)
    this.bytes.writeInt32LE(value, this.length)
    this.length += 4
  }

  uint32(value: number): void {
    this.room(4)
    this.bytes.writeUInt32LE(value, this.length)
    this.length += 4
  }

  int64(value: bigint): void {
    this.room(8)
    this.bytes.writeBigInt64LE(value, this.length)
    this.length += 8
  }

  /** Writes a whole number that is exact, as 64 bits. */
  safeInt64(value: number): void {
    this.room(8)
    const high = Math.floor(value / 2 ** 32)
    this.bytes.writeUInt32LE(value - high * 2 ** 32, this.length)
    this.bytes.writeInt32LE(high, this.length + 4)
    this.length += 8
  }

  double(value: number): void {
    this.room(8)
    this.bytes.writeDoubleLE(value, this.length)
    this.length += 8
  }

  /** Writes text with its length before it and a zero after it. */
  string(text: string): void {
    const at = this.begin()
    this.cstring(text)
    this.bytes.writeInt32LE(this.length - at - 4, at)
  }

  /** Writes text with a zero after it. */
  cstring(text: string): void {
    this.room(text.length * 3 + 1)
    this.length += this.bytes.write(text, this.length, 'utf8')
    this.bytes[this.length++] = 0
  }

  /** Begins a document, a list or a string: leaves room for its length, and gives where that is. */
  begin(): number {
    this.room(4)
    this.length += 4
    return this.length - 4
  }

  /** Ends the document or list that began there. */
  end(start: number): void {
    this.byte(0)
    this.bytes.writeInt32LE(this.length - start, start)
  }
}
