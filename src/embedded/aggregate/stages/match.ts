// Runs $match: passes the documents that a filter matches.
import type { Document } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileFilter } from '../../match/filter.ts'
import type { StageOperator } from '../stage.ts'

export const match: StageOperator = (specification, { environment }) => {
  if (!(specification instanceof Map)) {
    throw new CommandError(15959, 'the match filter must be an expression in an object')
  }
  const filter = compileFilter(specification, environment)
  return {
    reads: filter.fields,
    push: { kind: 'filter', filter: specification },
    run: function* (input: Iterable<Document>) {
      for (const document of input) if (filter.matches(document)) yield document
    },
  }
}
