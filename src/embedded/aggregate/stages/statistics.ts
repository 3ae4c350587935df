// Runs $indexStats, $collStats, $currentOp and the like, which the server itself answers.
import { CommandError } from '../../errors.ts'
import { documentSpecification, NO_FIELDS, type StageOperator } from '../stage.ts'

export function statistics(name: string): StageOperator {
  return (specification, { environment }) => {
    const given = documentSpecification(specification, name, 28803)
    if (name === '$indexStats' && given.size > 0)
      throw new CommandError(28803, 'The $indexStats stage specification must be an empty object')
    const { source } = environment
    return {
      reads: NO_FIELDS,
      closes: true,
      run: () => {
        if (source.statistics) return source.statistics(name, given)
        throw new CommandError('CommandNotSupported', `the stage ${name} is not supported by the embedded database`)
      },
    }
  }
}
