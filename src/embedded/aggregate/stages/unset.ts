// Runs $unset: takes fields off, also below documents and in the elements of arrays.
import { type Document, int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileProjection } from '../../project/projection.ts'
import { NO_FIELDS, type StageOperator } from '../stage.ts'

export const unset: StageOperator = (specification, { environment }) => {
  const names = namesIn(specification)
  const exclusion: Document = new Map(names.map((name): [string, Value] => [name, int32(0)]))
  const projection = compileProjection(exclusion, { ...environment, place: 'stage' })
  return {
    reads: NO_FIELDS,
    run: function* (input: Iterable<Document>) {
      for (const document of input) yield projection.apply(document)
    },
  }
}

function namesIn(specification: Value): readonly string[] {
  const names = Array.isArray(specification) ? specification : [specification]
  if (typeof specification !== 'string' && !Array.isArray(specification)) {
    throw new CommandError(31002, '$unset specification must be a string or an array')
  }
  if (names.length === 0)
    throw new CommandError(31119, '$unset specification must be a string or an array with at least one field')
  return names.map(name => {
    if (typeof name === 'string') return name
    throw new CommandError(31120, '$unset specification must be a string or an array containing only string values')
  })
}
