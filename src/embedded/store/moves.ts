// Tells whether the data has moved since a moment: own writes are counted, those of others have a number.
import type { RootDatabase } from 'lmdb'

/** A moment in the life of the data. */
export interface Moment {
  /** Whether nothing was written since, as far as this process knows; a write that asks does not count itself. */
  isNewest(): boolean
  /** The same, asked inside a write: nobody else can write then. */
  isNewestInWrite(): boolean
}

/** Lmdb's own view of its file, which its types leave out. */
interface Environment {
  readonly env: { info(): { readonly lastTxnId: number } }
}

/** Counts the writes of this process. */
export class Moves {
  readonly #root: RootDatabase<Buffer, Buffer>
  #begun = 0
  #ended = 0
  #isWriting = false

  constructor(root: RootDatabase<Buffer, Buffer>) {
    this.#root = root
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
    const last = this.#lastCommit()
    const isNewest = () => isStill && this.#begun - (this.#isWriting ? 1 : 0) === begun
    return { isNewest, isNewestInWrite: () => isNewest() && this.#lastCommit() === last }
  }

  #lastCommit(): number {
    return (this.#root as unknown as Environment).env.info().lastTxnId
  }
}
