// Finds where each value of an encoded key ends.
import type { Direction } from './encode.ts'
import { TAGS } from './encode.ts'

/** Gives the position behind the encoded value that begins at `start`; bytes of descending values are inverted. */
export function endOfValue(key: Uint8Array, start: number, direction: Direction): number {
  return new KeyWalk(key, direction === 1 ? 0 : 0xff).value(start)
}

class KeyWalk {
  readonly #key: Uint8Array
  readonly #mask: number

  constructor(key: Uint8Array, mask: number) {
    this.#key = key
    this.#mask = mask
  }

  value(start: number): number {
    return this.#payload(this.#byte(start), start + 1)
  }

  #byte(at: number): number {
    return this.#key[at]! ^ this.#mask
  }

  #payload(tag: number, at: number): number {
    switch (tag) {
      case TAGS.number:
        return this.#number(at)
      case TAGS.string:
      case TAGS.code:
        return this.#text(at)
      case TAGS.document:
        return this.#fields(at)
      case TAGS.array:
        return this.#items(at)
      case TAGS.bool:
        return at + 1
      case TAGS.date:
      case TAGS.timestamp:
        return at + 8
      case TAGS.objectId:
        return at + 12
      default:
        return this.#rare(tag, at)
    }
  }

  #rare(tag: number, at: number): number {
    if (tag === TAGS.binary) return at + 5 + this.#length(at)
    if (tag === TAGS.regex) return this.#text(this.#text(at))
    if (tag === TAGS.codeWithScope) return this.#fields(this.#text(at))
    return tag === TAGS.dbPointer ? this.#text(at + 4) + 12 : at
  }

  #length(at: number): number {
    return ((this.#byte(at) << 24) | (this.#byte(at + 1) << 16) | (this.#byte(at + 2) << 8) | this.#byte(at + 3)) >>> 0
  }

  /** Behind the double and its mark there may be an exponent and digits, inverted for negative numbers. */
  #number(at: number): number {
    if (this.#byte(at + 8) === 0) return at + 9
    const end = this.#byte(at) >= 0x80 ? 0 : 0xff
    let next = at + 11
    while (this.#byte(next) !== end) next++
    return next + 1
  }

  #text(at: number): number {
    let next = at
    while (this.#byte(next) !== 0) next++
    return next + 1
  }

  #fields(at: number): number {
    let next = at
    for (let tag = this.#byte(next); tag !== 0; tag = this.#byte(next)) next = this.#payload(tag, this.#text(next + 1))
    return next + 1
  }

  #items(at: number): number {
    let next = at
    while (this.#byte(next) !== 0) next = this.value(next)
    return next + 1
  }
}
