// Runs $replaceRoot and $replaceWith.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { textOf } from '../../values/text.ts'
import { compileExpression } from '../expression.ts'
import { type Stage, type StageContext, type StageOperator, variablesOf } from '../stage.ts'

export const replaceRoot: StageOperator = (specification, context) => {
  if (!(specification instanceof Map))
    throw new CommandError(40229, 'expected an object as specification for $replaceRoot stage')
  for (const key of specification.keys()) {
    if (key !== 'newRoot') throw new CommandError(40415, `BSON field '$replaceRoot.${key}' is an unknown field.`)
  }
  const root = specification.get('newRoot')
  if (root === undefined)
    throw new CommandError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field")
  return replacing(root, context)
}

export const replaceWith: StageOperator = (specification, context) => replacing(specification, context)

function replacing(root: Value, { environment }: StageContext): Stage {
  const expression = compileExpression(root, environment)
  const variables = variablesOf(environment)
  return {
    reads: expression.fields,
    closes: true,
    run: function* (input: Iterable<Document>) {
      for (const document of input) {
        const made = expression.evaluate(document, variables)
        if (!(made instanceof Map)) {
          throw new CommandError(
            40228,
            `'newRoot' expression must evaluate to an object, but resulting value was: ${made === undefined ? 'MISSING' : textOf(made)}`,
          )
        }
        yield made
      }
    },
  }
}
