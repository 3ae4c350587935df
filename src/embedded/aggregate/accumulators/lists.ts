// Collects values: $push, $addToSet, $first, $last, $firstN, $lastN, $mergeObjects.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import type { Collation } from '../../values/collation.ts'
import { textOf } from '../../values/text.ts'
import { typeName } from '../../values/type-names.ts'
import { hashValue } from '../../values/values.ts'
import { isNullish, type Result } from '../operator.ts'
import type { Tally } from './tally.ts'

export class Pushed implements Tally {
  readonly #values: Value[] = []

  add(value: Result): void {
    if (value !== undefined) this.#values.push(value)
  }

  result(): Result {
    return this.#values.slice()
  }
}

export class Distinct implements Tally {
  readonly #collation: Collation | undefined
  readonly #values = new Map<string, Value>()

  constructor(collation: Collation | undefined) {
    this.#collation = collation
  }

  add(value: Result): void {
    if (value === undefined) return
    const key = hashValue(value, this.#collation)
    if (!this.#values.has(key)) this.#values.set(key, value)
  }

  result(): Result {
    return [...this.#values.values()]
  }
}

export class First implements Tally {
  #value: Result
  #filled = false

  add(value: Result): void {
    if (this.#filled) return
    this.#value = value
    this.#filled = true
  }

  result(): Result {
    return this.#value ?? null
  }
}

export class Last implements Tally {
  #value: Result

  add(value: Result): void {
    this.#value = value
  }

  result(): Result {
    return this.#value ?? null
  }
}

export class FirstOnes implements Tally {
  readonly #count: number
  readonly #values: Value[] = []

  constructor(count: number) {
    this.#count = count
  }

  add(value: Result): void {
    if (this.#values.length < this.#count) this.#values.push(value ?? null)
  }

  result(): Result {
    return this.#values.slice()
  }
}

export class LastOnes implements Tally {
  readonly #count: number
  #values: Value[] = []

  constructor(count: number) {
    this.#count = count
  }

  add(value: Result): void {
    this.#values.push(value ?? null)
    if (this.#values.length >= 2 * this.#count + 64) this.#values = this.#values.slice(-this.#count)
  }

  result(): Result {
    return this.#values.slice(-this.#count)
  }
}

export class Concatenated implements Tally {
  readonly #values: Value[] = []

  add(value: Result): void {
    if (value === undefined) return
    if (!Array.isArray(value))
      throw new CommandError('TypeMismatch', `$concatArrays requires array inputs, found: ${typeName(value)}`)
    this.#values.push(...value)
  }

  result(): Result {
    return this.#values.slice()
  }
}

export class Merged implements Tally {
  #document: Document = new Map()

  add(value: Result): void {
    if (isNullish(value)) return
    if (!(value instanceof Map)) {
      throw new CommandError(
        40400,
        `$mergeObjects requires object inputs, but input ${textOf(value)} is of type ${typeName(value)}`,
      )
    }
    for (const [name, inner] of value) this.#document.set(name, inner)
  }

  result(): Result {
    return new Map(this.#document)
  }
}
