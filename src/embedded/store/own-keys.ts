// Keeps the keys that a transaction has changed in order, part by part: a search sorts only the parts it looks at.
import type { EntryRange } from './data.ts'

/** Keys of one index begin with the same bytes. */
const PART = 4

interface Part {
  readonly keys: string[]
  isSorted: boolean
}

export class OwnKeys {
  readonly #parts = new Map<string, Part>()

  /** Adds a key that is not among them. */
  add(key: string): void {
    const name = key.slice(0, PART)
    const part = this.#parts.get(name)
    if (part === undefined) {
      this.#parts.set(name, { keys: [key], isSorted: true })
      return
    }
    part.isSorted &&= part.keys.at(-1)! < key
    part.keys.push(key)
  }

  /** Gives the keys of a range, in its order. */
  within({ from, to, reverse }: EntryRange): readonly string[] {
    if (this.#parts.size === 0) return NONE
    const [first, last] = [from.toString('latin1'), to.toString('latin1')]
    const names = [...this.#parts.keys()].filter(name => name >= first.slice(0, PART) && name <= last.slice(0, PART))
    if (names.length === 0) return NONE
    const keys = names.sort().flatMap(name => {
      const sorted = this.#sorted(this.#parts.get(name)!)
      return sorted.slice(placeOf(sorted, first), placeOf(sorted, last))
    })
    return reverse ? keys.reverse() : keys
  }

  #sorted(part: Part): readonly string[] {
    if (!part.isSorted) part.keys.sort()
    part.isSorted = true
    return part.keys
  }
}

const NONE: readonly string[] = []

/** Gives how many of sorted keys come before one. */
function placeOf(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
