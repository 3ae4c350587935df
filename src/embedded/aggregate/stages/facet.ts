// Runs $facet: several pipelines over the same documents.
import type { Document } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { checkFieldName } from '../path.ts'
import { bothFields, NO_FIELDS, type StageOperator } from '../stage.ts'

export const facet: StageOperator = (specification, { environment, compilePipeline }) => {
  if (!(specification instanceof Map) || specification.size === 0) {
    throw new CommandError(40169, 'the $facet specification must be a non-empty object')
  }
  const facets = [...specification].map(([name, pipeline]) => {
    checkFieldName(name)
    if (!Array.isArray(pipeline)) throw new CommandError(40170, `arguments to $facet must be arrays, ${name} is not`)
    for (const stage of pipeline)
      if (!(stage instanceof Map) || stage.size === 0)
        throw new CommandError(
          40171,
          `elements of arrays in $facet spec must be non-empty objects, ${name} holds another`,
        )
    return [name, compilePipeline(pipeline, environment, 'facet')] as const
  })
  let reads: ReadonlySet<string> | null = NO_FIELDS
  for (const [, inner] of facets) reads = bothFields(reads, inner.leading.fields)
  return {
    reads,
    closes: true,
    run: function* (input: Iterable<Document>) {
      const documents = [...input]
      const made: Document = new Map()
      for (const [name, inner] of facets) made.set(name, [...inner.run(documents)])
      yield made
    },
  }
}
