// Runs $documents: makes documents from an array.
import type { Document } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { compileExpression } from '../expression.ts'
import { NO_FIELDS, type StageOperator, variablesOf } from '../stage.ts'

export const documents: StageOperator = (specification, { environment }) => {
  const expression = compileExpression(specification, environment)
  return {
    reads: NO_FIELDS,
    closes: true,
    run: function* () {
      const array = expression.evaluate(new Map(), variablesOf(environment))
      if (!Array.isArray(array)) {
        throw new CommandError(5858203, `an array is expected, found ${typeName(array)}`)
      }
      for (const element of array) yield checked(element)
    },
  }
}

function checked(element: Document | unknown): Document {
  if (element instanceof Map) return element
  throw new CommandError(40228, "'newRoot' expression must evaluate to an object")
}
