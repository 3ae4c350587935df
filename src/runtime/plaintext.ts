// A value that is to be encrypted: it carries itself from memory to the write, and refuses to be stored in clear.
import { GooseError } from '../errors.ts'

const MASK = '(encrypted)'

/** Holds the stored form of a value in clear until it is encrypted. */
export class Plaintext {
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  static valueOf(plaintext: Plaintext): unknown {
    return plaintext.#value
  }

  /** Fails closed: a way of writing that forgets to encrypt is an error and no leak. */
  toBSON(): never {
    throw new GooseError('NOT_SUPPORTED', {
      what: 'this way of writing an encrypted field',
      reason: 'each document has its own ciphertext',
      hint: 'save the documents one by one',
    })
  }

  toJSON(): string {
    return MASK
  }

  toString(): string {
    return MASK
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK
  }
}

/** Gives the value of what may be held in clear. */
export function inClear(value: unknown): unknown {
  return value instanceof Plaintext ? Plaintext.valueOf(value) : value
}
