// Lets a cursor stop between batches without holding a read transaction: a scan begins again after its last key.

/** The scans of one query. Parking closes what they have open; each opens anew when it is asked for more. */
export class Scans {
  readonly #open = new Set<Iterator<unknown>>()
  #generation = 0

  park(): void {
    this.#generation++
    for (const iterator of this.#open) iterator.return?.()
    this.#open.clear()
  }

  /** Gives the steps of a range; `open` is called again, with the last step's place, after a parking. */
  *resumable<Step, Place>(
    open: (last: Place | undefined) => Iterable<Step>,
    placeOf: (step: Step) => Place,
  ): Generator<Step> {
    let last: Place | undefined
    for (;;) {
      const iterator = open(last)[Symbol.iterator]()
      const generation = this.#generation
      this.#open.add(iterator)
      try {
        for (let step = iterator.next(); !step.done; step = iterator.next()) {
          last = placeOf(step.value)
          yield step.value
          if (this.#generation !== generation) break
        }
      } finally {
        if (this.#open.delete(iterator)) iterator.return?.()
      }
      if (this.#generation === generation) return
    }
  }
}
