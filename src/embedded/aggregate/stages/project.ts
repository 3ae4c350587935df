// Runs $project.
import type { Document } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
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
  const projection = compileProjection(specification, { ...environment, place: 'stage' })
  return {
    reads: projection.fields,
    closes: projection.fields !== null,
    run: function* (input: Iterable<Document>) {
      for (const document of input) yield projection.apply(document)
    },
  }
}
