// Runs $unionWith: adds the documents of another collection, or of a pipeline over it.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isCollectionName } from '../../values/collection-names.ts'
import { typeName } from '../../values/type-names.ts'
import { NO_FIELDS, type StageOperator } from '../stage.ts'

export const unionWith: StageOperator = (specification, { environment, compilePipeline }) => {
  const { collection, pipeline } = unionOf(specification)
  const inner = compilePipeline(pipeline, environment, 'union')
  const { source } = environment
  return {
    reads: NO_FIELDS,
    run: function* (input: Iterable<Document>) {
      yield* input
      yield* inner.run(
        collection === undefined ? [] : source.documents(source.db, collection, { filter: inner.leading.filter }),
      )
    },
  }
}

function unionOf(specification: Value): { collection: string | undefined; pipeline: readonly Value[] } {
  if (typeof specification === 'string') return { collection: named(specification), pipeline: [] }
  if (!(specification instanceof Map)) {
    throw new CommandError(
      'FailedToParse',
      `the $unionWith stage specification must be an object or string, but found ${typeName(specification)}`,
    )
  }
  for (const key of specification.keys()) {
    if (key !== 'coll' && key !== 'pipeline')
      throw new CommandError(40415, `BSON field '$unionWith.${key}' is an unknown field.`)
  }
  const collection = specification.get('coll')
  const pipeline = specification.get('pipeline') ?? []
  if (!Array.isArray(pipeline))
    throw new CommandError('TypeMismatch', "BSON field '$unionWith.pipeline' is the wrong type, expected type 'array'")
  if (collection !== undefined && typeof collection !== 'string') {
    throw new CommandError('TypeMismatch', "BSON field '$unionWith.coll' is the wrong type, expected type 'string'")
  }
  const first = pipeline[0]
  if (collection === undefined && !(first instanceof Map && first.has('$documents'))) {
    throw new CommandError(
      'FailedToParse',
      '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
    )
  }
  return { collection: collection === undefined ? undefined : named(collection), pipeline }
}

function named(collection: string): string {
  if (isCollectionName(collection)) return collection
  throw new CommandError('InvalidNamespace', `Invalid namespace specified '${collection}' for $unionWith`)
}
