// Accumulates within one document: $sum, $avg, $min, $max, $mergeObjects and the like as expressions.
import type { Value } from '../../bson/decode.ts'
import { Extreme } from '../accumulators/extremes.ts'
import { Merged } from '../accumulators/lists.ts'
import { compileQuantiles, Percentiles } from '../accumulators/percentiles.ts'
import { Average, Deviation, Sum } from '../accumulators/sums.ts'
import type { Tally } from '../accumulators/tally.ts'
import type { Environment } from '../environment.ts'
import { type Node, nodeOver, type Operator, type OperatorTable, operands, type Scope } from '../operator.ts'

export const accumulations: OperatorTable = {
  $avg: over(() => new Average()),
  $max: over(({ collation }) => new Extreme({ sign: 1, collation })),
  $median: quantiles,
  $mergeObjects: over(() => new Merged()),
  $min: over(({ collation }) => new Extreme({ sign: -1, collation })),
  $percentile: quantiles,
  $stdDevPop: over(() => new Deviation('population')),
  $stdDevSamp: over(() => new Deviation('sample')),
  $sum: over(() => new Sum()),
}

/** One argument that is an array gives its elements; otherwise each argument is a value. */
function over(create: (environment: Environment) => Tally): Operator {
  return (argument, scope) => {
    const nodes = operands(argument, scope)
    const [only] = nodes
    return nodeOver(nodes, (root, variables) => {
      const tally = create(scope.environment)
      const value = nodes.length === 1 ? only!.evaluate(root, variables) : undefined
      if (Array.isArray(value)) for (const element of value) tally.add(element)
      else if (nodes.length === 1) tally.add(value)
      else for (const node of nodes) tally.add(node.evaluate(root, variables))
      return tally.result()
    })
  }
}

function quantiles(argument: Value, scope: Scope, name: string): Node {
  const compiled = compileQuantiles(argument, scope, name)
  return {
    constant: false,
    evaluate: (root, variables) => {
      const tally = new Percentiles(compiled)
      const value = compiled.input(root, variables)
      if (Array.isArray(value)) for (const element of value) tally.add(element)
      else tally.add(value)
      return tally.result()
    },
  }
}
