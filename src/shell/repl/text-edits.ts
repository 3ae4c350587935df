// Changes of a text at places of the text as it was: what is put around a part, and what is left out.

/** Collects changes; those of an outer part are asked for before those of the parts inside of it. */
export class TextEdits {
  readonly #opening = new Map<number, string>()
  readonly #closing = new Map<number, string>()
  readonly #left = new Map<number, number>()

  /** Puts text before and behind a part. */
  around({ start, end }: Part, before: string, after: string): void {
    this.#opening.set(start, (this.#opening.get(start) ?? '') + before)
    this.#closing.set(end, after + (this.#closing.get(end) ?? ''))
  }

  /** Puts text in the place of a part. */
  replace({ start, end }: Part, text: string): void {
    this.#opening.set(start, (this.#opening.get(start) ?? '') + text)
    this.#left.set(start, end)
  }

  /** Gives the text with all changes made. */
  applied(text: string): string {
    const places = [...new Set([...this.#opening.keys(), ...this.#closing.keys(), ...this.#left.keys()])]
    let result = ''
    let at = 0
    for (const place of places.sort((one, other) => one - other)) {
      if (place > at) {
        result += text.slice(at, place)
        at = place
      }
      result += (this.#closing.get(place) ?? '') + (this.#opening.get(place) ?? '')
      at = Math.max(at, this.#left.get(place) ?? at)
    }
    return result + text.slice(at)
  }
}

/** A part of a text. */
export interface Part {
  readonly start: number
  readonly end: number
}
