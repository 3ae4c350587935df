// Reads Extended JSON, canonical, relaxed and of old mongoexport, straight into stored bytes.
import { BsonBuffer } from './bson-buffer.ts'
import { type Extended, extendedTypes } from './extended-types.ts'
import { JsonScanner, Unreadable } from './json-scanner.ts'

const DEEPEST = 200
const OBJECT = 3
const DOLLAR = 0x24

/** Reads documents one after the other; what it is given must be UTF-8. */
export class EjsonReader {
  readonly #json = new JsonScanner()
  readonly #out = new BsonBuffer()
  #depth = 0

  /** Reads the one document that is all of the text. Throws `Unreadable`. */
  read(text: Buffer): Buffer {
    const json = this.#json
    Object.assign(json, { bytes: text, at: 0 })
    this.#out.length = 0
    this.#depth = 0
    if (json.peek() !== 0x7b) throw json.unexpected('a document: {')
    json.at += 1
    this.#fields()
    if (json.peek() !== -1) throw json.unexpected('the end of the line')
    return this.#out.take()
  }

  /** Reads the fields of an object whose brace is read, as a document. */
  #fields(): void {
    const [json, out] = [this.#json, this.#out]
    const start = this.#down()
    if (json.peek() !== 0x7d) {
      for (;;) {
        const at = out.length
        out.byte(0)
        json.string('a name in quotes')
        this.#key()
        json.expect(0x3a, 'a colon')
        const type = this.#value()
        out.bytes[at] = type
        if (json.peek() !== 0x2c) break
        json.at += 1
      }
    }
    json.expect(0x7d, 'a comma or }')
    this.#up(start)
  }

  #list(): void {
    const [json, out] = [this.#json, this.#out]
    const start = this.#down()
    if (json.peek() !== 0x5d) {
      for (let i = 0; ; i++) {
        const at = out.length
        out.byte(0)
        out.cstring(String(i))
        const type = this.#value()
        out.bytes[at] = type
        if (json.peek() !== 0x2c) break
        json.at += 1
      }
    }
    json.expect(0x5d, 'a comma or ]')
    this.#up(start)
  }

  #down(): number {
    this.#depth += 1
    if (this.#depth > DEEPEST) throw new Unreadable(`it is nested deeper than ${DEEPEST} levels`, this.#json.at)
    return this.#out.begin()
  }

  #up(start: number): void {
    this.#depth -= 1
    this.#out.end(start)
  }

  #key(): void {
    const json = this.#json
    if (json.hasEscape) {
      const key = json.text()
      if (key.includes('\0')) throw new Unreadable('a name holds a zero character', json.start)
      this.#out.cstring(key)
      return
    }
    this.#copy()
  }

  // What is not escaped goes over as it lies.
  #copy(): void {
    const { bytes, start, stop } = this.#json
    const out = this.#out
    out.room(stop - start + 1)
    const target = out.bytes
    let at = out.length
    if (stop - start > 64) at += bytes.copy(target, at, start, stop)
    else for (let i = start; i < stop; i++) target[at++] = bytes[i]!
    target[at++] = 0
    out.length = at
  }

  /** Writes a value and gives its type. */
  #value(): number {
    const json = this.#json
    const byte = json.peek()
    if (byte === 0x22) return this.#string()
    if (byte === 0x7b) {
      json.at += 1
      return this.#object()
    }
    if (byte === 0x5b) {
      json.at += 1
      this.#list()
      return 4
    }
    if (byte === 0x74 || byte === 0x66) {
      json.word(byte === 0x74 ? 'true' : 'false')
      this.#out.byte(byte === 0x74 ? 1 : 0)
      return 8
    }
    if (byte === 0x6e) {
      json.word('null')
      return 10
    }
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.#number(json.number())
    throw json.unexpected('a value')
  }

  #string(): number {
    const [json, out] = [this.#json, this.#out]
    json.string('a text')
    if (json.hasEscape) {
      out.string(json.text())
      return 2
    }
    const start = out.begin()
    this.#copy()
    out.bytes.writeInt32LE(out.length - start - 4, start)
    return 2
  }

  // Relaxed numbers: whole ones take the smallest type that holds them, all others are doubles.
  #number(text: string): number {
    const out = this.#out
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || Object.is(value, -0)) {
      out.double(value)
      return 1
    }
    if (value >= -0x80000000 && value <= 0x7fffffff) {
      out.int32(value)
      return 0x10
    }
    if (Number.isSafeInteger(value)) {
      out.safeInt64(value)
      return 0x12
    }
    const whole = BigInt(text)
    if (BigInt.asIntN(64, whole) !== whole) {
      out.double(value)
      return 1
    }
    out.int64(whole)
    return 0x12
  }

  #object(): number {
    const json = this.#json
    if (json.peek() !== 0x22 || json.bytes[json.at + 1] !== DOLLAR) {
      this.#fields()
      return OBJECT
    }
    const brace = json.at
    json.string('a name')
    const type = extendedTypes.get(json.text())
    json.at = brace
    if (!type) {
      this.#fields()
      return OBJECT
    }
    return this.#extended(type)
  }

  // The object is read as if it were nothing special; what it stands for then takes its place.
  #extended(type: Extended): number {
    const [json, out] = [this.#json, this.#out]
    const brace = json.at
    const quick = type.quick?.(json, out)
    if (quick !== undefined) {
      json.expect(0x7d, 'the end of the type')
      return quick
    }
    json.at = brace
    const start = out.length
    this.#fields()
    const plain = Buffer.from(out.bytes.subarray(start, out.length))
    out.length = start
    const found = type.convert(plain, out)
    if (found !== undefined) return found
    if (type.isCertain) throw new Unreadable(`${type.name} does not hold what it should`, brace)
    out.length = start
    out.raw(plain)
    return OBJECT
  }
}
