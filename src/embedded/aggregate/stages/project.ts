// Runs $project.
import type { Document, Value } from '../../bson.ts'
import { CommandError } from '../../errors.ts'
import { isNumber } from '../../numbers.ts'
import { compileProjection } from '../../project/projection.ts'
import type { StageOperator } from '../stage.ts'

export const project: StageOperator = (specification, { environment }) => {
  if (!(specification instanceof Map)) throw new CommandError(15969, '$project specification must be an object')
  if (specification.size === 0) {
    throw new CommandError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    )
  }
  for (const [path, value] of specification) refuseFindOnly(path, value)
  const projection = compileProjection(specification, environment)
  return {
    reads: projection.fields,
    closes: projection.fields !== null,
    run: function* (input: Iterable<Document>) {
      for (const document of input) yield projection.apply(document)
    },
  }
}

/** Refuses what only projections of find know: positions, $elemMatch and $slice of the field itself. */
function refuseFindOnly(path: string, value: Value): void {
  if (path.endsWith('.$')) throw new CommandError(31324, 'Cannot use positional projection in aggregation projection')
  if (!(value instanceof Map)) return
  if (value.has('$elemMatch'))
    throw new CommandError(31325, 'Invalid $project :: caused by :: Unknown expression $elemMatch')
  const slice = value.get('$slice')
  if (isNumber(slice)) {
    throw new CommandError(28667, 'Expression $slice takes at least 2 arguments, and at most 3, but 1 were passed in.')
  }
  for (const [name, inner] of value) if (!name.startsWith('$')) refuseFindOnly(name, inner)
}
