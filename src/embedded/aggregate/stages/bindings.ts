// Binds the variables of `let` for a pipeline that runs once for each document.
import type { Document, Value } from '../../bson/decode.ts'
import type { Variables } from '../environment.ts'
import { compileExpression } from '../expression.ts'
import { bothFields, NO_FIELDS, type StageEnvironment, variablesOf } from '../stage.ts'
import { checkWritableName } from '../variable.ts'

export interface Bindings {
  /** the variables the inner pipeline reads: those around it and those of `let` */
  readonly live: Map<string, Value>
  readonly outer: Variables
  readonly reads: ReadonlySet<string> | null
  /** Evaluates `let` on a document of the outer pipeline. */
  bind(document: Document, outer: Variables): void
}

export function bindVariables(variables: Document, environment: StageEnvironment): Bindings {
  let reads: ReadonlySet<string> | null = NO_FIELDS
  const expressions = [...variables].map(([name, value]) => {
    checkWritableName(name)
    const expression = compileExpression(value, environment)
    reads = bothFields(reads, expression.fields)
    return [name, expression] as const
  })
  const outer = variablesOf(environment)
  const live = new Map(outer)
  for (const [name] of expressions) live.set(name, null)
  return {
    live,
    outer,
    reads,
    bind: (document, around) => {
      for (const [name, value] of around) live.set(name, value)
      // a missing value stays missing: the name is known, its value undefined
      for (const [name, expression] of expressions) live.set(name, expression.evaluate(document, around) as Value)
    },
  }
}
