// Runs $group: one document for each key, with accumulators.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { hashValue } from '../../values/values.ts'
import type { Accumulation, Tally } from '../accumulators/tally.ts'
import { compileExpression } from '../expression.ts'
import type { Evaluate, Result } from '../operator.ts'
import { bothFields, documentSpecification, type StageOperator, variablesOf } from '../stage.ts'
import { compileAccumulators } from './accumulations.ts'

export const group: StageOperator = (specification, { environment }) => {
  const given = documentSpecification(specification, '$group', 15947)
  const id = given.get('_id')
  if (id === undefined) throw new CommandError(15955, 'a group specification must include an _id')
  const key = compileExpression(id, environment)
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
      const { inputs } = groups
      for (const document of input) {
        const tallies = groups.of(key.evaluate(document, variables) ?? null)
        for (let at = 0; at < inputs.length; at++) tallies[at]!.add(inputs[at]!(document, variables))
      }
      yield* groups.results(fields.names)
    },
  }
}

interface Group {
  readonly key: Value
  readonly tallies: readonly Tally[]
}

class Groups {
  readonly inputs: readonly Evaluate[]
  readonly #accumulations: readonly Accumulation[]
  readonly #hash: (value: Result) => string
  readonly #groups = new Map<string, Group>()

  constructor(accumulations: readonly Accumulation[], hash: (value: Result) => string) {
    this.inputs = accumulations.map(({ input }) => input)
    this.#accumulations = accumulations
    this.#hash = hash
  }

  /** The tallies of the group of a key; the first key of equal ones names the group. */
  of(key: Value): readonly Tally[] {
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
