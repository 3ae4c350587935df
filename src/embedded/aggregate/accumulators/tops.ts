// Keeps the outputs of the first and last documents by an order: $top, $topN, $bottom, $bottomN.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileSort } from '../../values/sort.ts'
import { typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import type { Result, Scope } from '../operator.ts'
import { countOf } from './counted.ts'
import { Ranking } from './extremes.ts'
import { groupDocument } from './group-document.ts'
import type { Accumulation, AccumulatorOperator, Tally } from './tally.ts'

/** The operator of a name: whether it takes `n`, and from which end. */
export function topOperator(kind: { readonly counted: boolean; readonly sign: 1 | -1 }): AccumulatorOperator {
  return (argument, scope, name) => compileTop(argument, scope, { ...kind, name })
}

interface Kind {
  readonly counted: boolean
  readonly sign: 1 | -1
  readonly name: string
}

function compileTop(argument: Value, scope: Scope, kind: Kind): Accumulation {
  const { counted, sign, name } = kind
  const given = namedArguments(argument, name, {
    required: counted ? ['n', 'output', 'sortBy'] : ['output', 'sortBy'],
    notDocument: 5788001,
    unknown: 5788002,
    missing: { n: 5788003, output: 5788004, sortBy: 5788005 },
  })
  const sortBy = given.get('sortBy')
  if (!(sortBy instanceof Map)) {
    throw new CommandError(
      5788604,
      `expected 'sortBy' to already be an object in the arguments to ${name}, found ${typeName(sortBy)}`,
    )
  }
  const sort = compileSort(sortBy, scope.environment.collation)
  for (const field of sort.fields) scope.reads.fields.add(field)
  const output = scope.compile(given.get('output')!)
  const count = counted ? scope.compile(given.get('n')!) : undefined
  if (count?.constant) countOf(count.evaluate(new Map(), new Map()))
  return {
    input: (root, variables) => [root, output.evaluate(root, variables) ?? null],
    create: group => {
      const most = count ? countOf(count.evaluate(groupDocument(group), new Map())) : 1
      return new Top({ most, counted, sign, compare: (a, b) => sort.compare(a, b) })
    },
  }
}

interface Shape {
  readonly most: number
  readonly counted: boolean
  readonly sign: 1 | -1
  compare(a: Document, b: Document): number
}

class Top implements Tally {
  readonly #shape: Shape
  readonly #ranking: Ranking

  constructor(shape: Shape) {
    this.#shape = shape
    const order = (a: Value, b: Value) => shape.compare(documentOf(a), documentOf(b))
    this.#ranking = new Ranking(shape.most, shape.sign > 0 ? order : (a, b) => -order(a, b))
  }

  add(pair: Result): void {
    if (pair !== undefined) this.#ranking.add(pair)
  }

  result(): Result {
    const outputs = this.#ranking.sorted().map(pair => (pair as Value[])[1]!)
    if (!this.#shape.counted) return outputs[0] ?? null
    return this.#shape.sign > 0 ? outputs : outputs.reverse()
  }
}

function documentOf(pair: Value): Document {
  return (pair as Value[])[0] as Document
}
