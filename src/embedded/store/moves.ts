// Tells whether this process has written since a moment, and so whether anybody has where no other process can.

/** A moment in the life of the data. */
export interface Moment {
  /** Whether nothing was written since, as far as this process knows; a write that asks does not count itself. */
  isNewest(): boolean
  /** Whether nothing was written since by anybody. */
  isNewestOfAll(): boolean
}

/** Counts the writes of this process. */
export class Moves {
  readonly #isPrivate: boolean
  #begun = 0
  #ended = 0
  #isWriting = false

  constructor({ isPrivate }: { readonly isPrivate: boolean }) {
    this.#isPrivate = isPrivate
  }

  /** Counts a write: `send` has it done, and its promise ends when it is committed or undone. */
  async written<Data, Result>(
    work: (data: Data) => Result,
    send: (counted: (data: Data) => Result) => Result | Promise<Result>,
  ): Promise<Result> {
    let hasBegun = false
    try {
      return await send(data => {
        hasBegun = true
        this.#begun++
        this.#isWriting = true
        try {
          return work(data)
        } finally {
          this.#isWriting = false
        }
      })
    } finally {
      if (hasBegun) this.#ended++
    }
  }

  /** Takes the moment just before a read begins. While a write is under way, nobody knows whether it will be seen. */
  now(): Moment {
    const [begun, isStill] = [this.#begun, this.#begun === this.#ended]
    const isNewest = () => isStill && this.#begun - (this.#isWriting ? 1 : 0) === begun
    // The number of the last commit proves nothing of others: LMDB writes it before it lets readers see the commit.
    return { isNewest, isNewestOfAll: () => this.#isPrivate && isNewest() }
  }
}
