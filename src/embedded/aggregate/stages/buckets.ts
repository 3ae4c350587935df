// Holds the groups of $bucket, with a count of documents where no output is given.
import { type Document, int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { hashValue } from '../../values/values.ts'
import type { Tally } from '../accumulators/tally.ts'
import type { Variables } from '../environment.ts'
import type { Result } from '../operator.ts'
import type { Accumulations } from './accumulations.ts'

export function outputEntries(output: Result, code: number): (readonly [string, Value])[] {
  if (output === undefined) return [['count', new Map<string, Value>([['$sum', int32(1)]])]]
  if (output instanceof Map) return [...output]
  throw new CommandError(code, "The 'output' field must be an object")
}

export class Buckets {
  readonly #fields: Accumulations
  readonly #variables: Variables
  readonly #buckets = new Map<string, { readonly id: Value; readonly tallies: readonly Tally[] }>()

  constructor(fields: Accumulations, variables: Variables) {
    this.#fields = fields
    this.#variables = variables
  }

  add(id: Value, document: Document): void {
    const { accumulations } = this.#fields
    const key = hashValue(id)
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      bucket = { id, tallies: accumulations.map(({ create }) => create(id)) }
      this.#buckets.set(key, bucket)
    }
    for (const [at, { input }] of accumulations.entries()) bucket.tallies[at]!.add(input(document, this.#variables))
  }

  documents(compare: (a: Value, b: Value) => number): Document[] {
    const sorted = [...this.#buckets.values()].sort((a, b) => compare(a.id, b.id))
    return sorted.map(({ id, tallies }) => {
      const document: Document = new Map([['_id', id]])
      for (const [at, name] of this.#fields.names.entries()) document.set(name, tallies[at]!.result() ?? null)
      return document
    })
  }
}
