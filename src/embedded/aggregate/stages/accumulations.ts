// Compiles the accumulators of $group, $bucket and $bucketAuto, with what they read.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import type { Accumulation } from '../accumulators/tally.ts'
import { compileAccumulator } from '../accumulators.ts'
import type { Environment } from '../environment.ts'
import { scopeFor } from '../expression.ts'
import type { Reads } from '../operator.ts'

export interface Accumulations {
  readonly names: readonly string[]
  readonly accumulations: readonly Accumulation[]
  readonly reads: ReadonlySet<string> | null
}

export function compileAccumulators(
  entries: readonly (readonly [string, Value])[],
  environment: Environment,
): Accumulations {
  const reads: Reads = { fields: new Set(), whole: false }
  const scope = scopeFor(environment, reads)
  const accumulations = entries.map(([name, specification]) => {
    checkName(name)
    return compileAccumulator(name, specification, scope)
  })
  return { names: entries.map(([name]) => name), accumulations, reads: reads.whole ? null : reads.fields }
}

function checkName(name: string): void {
  if (name.includes('.')) throw new CommandError(40235, `The field name '${name}' cannot contain '.'`)
  if (name.startsWith('$')) throw new CommandError(40236, `The field name '${name}' cannot be an operator name`)
}
