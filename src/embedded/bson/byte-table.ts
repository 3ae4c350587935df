// Keeps something for each of many short strings of bytes, found again without decoding them.

/** Longer strings are not kept: to compare them costs as much as to decode them. */
const LONGEST = 64
const FIRST_SLOTS = 256
/** Beyond so many, values repeat too rarely to be worth the memory. */
const MOST_ENTRIES = 65_536

interface Entry<Kept> {
  readonly type: number
  readonly bytes: Uint8Array
  readonly hash: number
  readonly kept: Kept
}

export class ByteTable<Kept> {
  #slots: (Entry<Kept> | undefined)[] = new Array(FIRST_SLOTS)
  #count = 0

  /** Gives what was kept for a value of a BSON type that lies between two offsets. */
  get(bytes: Uint8Array, type: number, { start, end }: Span): Kept | undefined {
    if (end - start > LONGEST) return undefined
    const hash = hashOf(bytes, type, { start, end })
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]
      if (entry === undefined) return undefined
      if (entry.hash === hash && entry.type === type && isSame(entry.bytes, bytes, { start, end })) return entry.kept
    }
  }

  /** Keeps something for a value that is not there yet. */
  add(bytes: Uint8Array, type: number, { start, end, kept }: Span & { readonly kept: Kept }): void {
    if (end - start > LONGEST || this.#count === MOST_ENTRIES) return
    if (++this.#count * 2 > this.#slots.length) this.#grow()
    this.#insert({ type, bytes: bytes.slice(start, end), hash: hashOf(bytes, type, { start, end }), kept })
  }

  #grow(): void {
    const entries = this.#slots
    this.#slots = new Array(entries.length * 2)
    for (const entry of entries) if (entry !== undefined) this.#insert(entry)
  }

  #insert(entry: Entry<Kept>): void {
    const mask = this.#slots.length - 1
    let slot = entry.hash & mask
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask
    this.#slots[slot] = entry
  }
}

export interface Span {
  readonly start: number
  readonly end: number
}

function hashOf(bytes: Uint8Array, type: number, { start, end }: Span): number {
  let hash = type
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

function isSame(known: Uint8Array, bytes: Uint8Array, { start, end }: Span): boolean {
  if (known.length !== end - start) return false
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[start + index]) return false
  return true
}
