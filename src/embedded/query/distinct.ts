// Collects the distinct values of a path; the elements of an array count one by one.
import { ByteTable } from '../bson/byte-table.ts'
import { type Document, decodeValue, type Value } from '../bson/decode.ts'
import { encodeValue } from '../bson/encode.ts'
import { decodeFields, offsetOfField } from '../bson/fields.ts'
import { valueEnd } from '../bson/walk.ts'
import { CommandError } from '../errors.ts'
import type { Collation } from '../values/collation.ts'
import { hashValue } from '../values/values.ts'

const MOST_BYTES = 16 * 1024 * 1024

export class DistinctValues {
  readonly found: Value[] = []
  readonly #parts: readonly string[]
  readonly #fields: ReadonlySet<string>
  readonly #nameBytes: Buffer
  readonly #known = new ByteTable<true>()
  readonly #collation: Collation | undefined
  readonly #seen = new Set<string>()
  #bytes = 0

  constructor(path: string, collation: Collation | undefined) {
    this.#parts = path.split('.')
    this.#fields = new Set([this.#parts[0]!])
    this.#nameBytes = Buffer.from(this.#parts[0]!)
    this.#collation = collation
  }

  add(document: Document): void {
    this.#collect(document, 0)
  }

  /** Takes the bytes of a document; those of a value that was there before are not decoded again. */
  addStored(bytes: Uint8Array): void {
    if (this.#parts.length > 1) this.add(decodeFields(bytes, this.#fields))
    else this.#addField(bytes)
  }

  #addField(bytes: Uint8Array): void {
    const at = offsetOfField(bytes, this.#nameBytes)
    if (at < 0) return
    const start = at + this.#nameBytes.length + 2
    const type = bytes[at]!
    const span = { start, end: valueEnd(bytes, type, start) }
    if (this.#known.get(bytes, type, span)) return
    this.#known.add(bytes, type, { ...span, kept: true })
    this.#collect(decodeValue(bytes, type, start), 1)
  }

  #collect(value: Value | undefined, depth: number): void {
    if (depth === this.#parts.length) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) this.#note(one)
      return
    }
    const part = this.#parts[depth]!
    if (value instanceof Map) this.#collect(value.get(part), depth + 1)
    else if (Array.isArray(value)) this.#collectElements(value, part, depth)
  }

  #collectElements(elements: readonly Value[], part: string, depth: number): void {
    if (/^(0|[1-9]\d*)$/.test(part)) this.#collect(elements[Number(part)], depth + 1)
    for (const element of elements) if (element instanceof Map) this.#collect(element, depth)
  }

  #note(value: Value): void {
    const hash = hashValue(value, this.#collation)
    if (this.#seen.has(hash)) return
    this.#seen.add(hash)
    this.found.push(value)
    this.#bytes += encodeValue(value).bytes.length + 10
    if (this.#bytes > MOST_BYTES) throw new CommandError(17217, 'distinct too big, 16mb cap')
  }
}
