// Runs $group: one document for each key, with accumulators.
import { ByteTable } from '../../bson/byte-table.ts'
import { type Document, decodeDocument, decodeValue, type Value } from '../../bson/decode.ts'
import { decodeFields, offsetOfField } from '../../bson/fields.ts'
import { valueEnd } from '../../bson/walk.ts'
import { CommandError } from '../../errors.ts'
import { hashValue } from '../../values/values.ts'
import type { Accumulation, Tally } from '../accumulators/tally.ts'
import type { Environment, Variables } from '../environment.ts'
import { compileExpression, type Expression } from '../expression.ts'
import type { Evaluate, Result } from '../operator.ts'
import { areStored } from '../source.ts'
import { bothFields, documentSpecification, type StageOperator, variablesOf } from '../stage.ts'
import { compileAccumulators } from './accumulations.ts'

export const group: StageOperator = (specification, { environment }) => {
  const given = documentSpecification(specification, '$group', 15947)
  const id = given.get('_id')
  if (id === undefined) throw new CommandError(15955, 'a group specification must include an _id')
  const key = compileKey(id, environment)
  const fields = compileAccumulators(
    [...given].filter(([name]) => name !== '_id'),
    environment,
  )
  const hash = (value: Result) => hashValue(value, environment.collation)
  const variables = variablesOf(environment)
  return {
    reads: bothFields(key.fields, fields.reads),
    closes: true,
    run: function* (input: Iterable<Document>) {
      const groups = new Groups(fields.accumulations, hash)
      const name = fieldOf(id)
      if (name !== undefined && areStored(input))
        groups.addStored(input.stored, { name, reads: fields.reads, variables })
      else if (key.constant) groups.addAll(input, key.evaluate(NOTHING, variables), variables)
      else for (const document of input) groups.add(groups.of(key.evaluate(document, variables)), document, variables)
      yield* groups.results(fields.names)
    },
  }
}

/** A key of several fields leaves out those that are missing; of a single one, missing counts as null. */
function compileKey(id: Value, environment: Environment): Expression {
  const [name] = id instanceof Map && id.size === 1 ? id.keys() : []
  if (name === undefined || name.startsWith('$')) return compileExpression(id, environment)
  const whole = compileExpression(id, environment)
  return {
    ...whole,
    evaluate: (root, variables) => {
      const key = whole.evaluate(root, variables) as Document
      return key.size === 0 ? new Map([[name, null]]) : key
    },
  }
}

/** Gives the name of the field that an expression such as `$author` stands for. */
function fieldOf(expression: Value): string | undefined {
  return typeof expression === 'string' && /^\$[^$.]+$/.test(expression) ? expression.slice(1) : undefined
}

const NOTHING: Document = new Map()

interface Group {
  readonly key: Value
  readonly tallies: readonly Tally[]
}

interface StoredKeys {
  /** the field that the documents are grouped by */
  readonly name: string
  /** the fields that the accumulators read; null means all */
  readonly reads: ReadonlySet<string> | null
  readonly variables: Variables
}

class Groups {
  readonly #inputs: readonly Evaluate[]
  readonly #accumulations: readonly Accumulation[]
  readonly #hash: (value: Result) => string
  readonly #groups = new Map<string, Group>()

  constructor(accumulations: readonly Accumulation[], hash: (value: Result) => string) {
    this.#inputs = accumulations.map(({ input }) => input)
    this.#accumulations = accumulations
    this.#hash = hash
  }

  add(tallies: readonly Tally[], document: Document, variables: Variables): void {
    const inputs = this.#inputs
    for (let at = 0; at < inputs.length; at++) tallies[at]!.add(inputs[at]!(document, variables))
  }

  /** All documents make one group; none make none. */
  addAll(documents: Iterable<Document>, key: Result, variables: Variables): void {
    let tallies: readonly Tally[] | undefined
    for (const document of documents) {
      tallies ??= this.of(key)
      this.add(tallies, document, variables)
    }
  }

  /** Bytes of a key that were there before lead to its group at once. */
  addStored(documents: Iterable<Uint8Array>, { name, reads, variables }: StoredKeys): void {
    const nameBytes = Buffer.from(name)
    const known = new ByteTable<readonly Tally[]>()
    for (const bytes of documents) {
      const at = offsetOfField(bytes, nameBytes)
      const tallies = at < 0 ? this.of(null) : this.#ofStored(bytes, { at, start: at + nameBytes.length + 2, known })
      this.add(tallies, reads === null ? decodeDocument(bytes) : decodeFields(bytes, reads), variables)
    }
  }

  #ofStored(
    bytes: Uint8Array,
    { at, start, known }: { readonly at: number; readonly start: number; readonly known: ByteTable<readonly Tally[]> },
  ): readonly Tally[] {
    const type = bytes[at]!
    const span = { start, end: valueEnd(bytes, type, start) }
    const found = known.get(bytes, type, span)
    if (found !== undefined) return found
    const kept = this.of(decodeValue(bytes, type, start))
    known.add(bytes, type, { ...span, kept })
    return kept
  }

  /** The tallies of the group of a key; the first key of equal ones names the group. */
  of(result: Result): readonly Tally[] {
    const key = result ?? null
    const hash = this.#hash(key)
    const found = this.#groups.get(hash)
    if (found) return found.tallies
    const tallies = this.#accumulations.map(accumulation => accumulation.create(key))
    this.#groups.set(hash, { key, tallies })
    return tallies
  }

  *results(names: readonly string[]): Iterable<Document> {
    for (const { key, tallies } of this.#groups.values()) {
      const document: Document = new Map([['_id', key]])
      for (const [at, tally] of tallies.entries()) document.set(names[at]!, tally.result() ?? null)
      yield document
    }
  }
}
