// Reads `let`: the variables that filters, updates and pipelines may name.
import type { Variables } from '../aggregate/environment.ts'
import { compileExpression } from '../aggregate/expression.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { objectAt } from './arguments.ts'

/** Gives the values by name; each is an expression of constants and of variables named before it. */
export function variablesOf(body: Document, now: Date): Variables {
  const values = new Map<string, Value>()
  for (const [name, expression] of objectAt(body, 'let') ?? []) {
    checkName(name)
    const { fields, evaluate } = compileExpression(expression, { now, variables: values })
    if (fields === null || fields.size > 0) throw readsField()
    const value = evaluate(new Map(), values)
    if (value !== undefined) values.set(name, value)
  }
  return values
}

function readsField(): CommandError {
  return new CommandError(
    4890500,
    'Command let Expression tried to access a field, but this is not allowed because Command let Expressions run before the query examines any documents.',
  )
}

function checkName(name: string): void {
  if (name === '') throw new CommandError(16866, 'empty variable names are not allowed')
  if (!/^[a-z\u0080-\uffff]/.test(name))
    throw new CommandError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`)
}
