// Runs $limit and $skip.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber } from '../../values/numbers.ts'
import { integerOf } from '../integer.ts'
import { NO_FIELDS, type StageOperator } from '../stage.ts'

export const limit: StageOperator = specification => {
  const count = countOf(specification, '$limit', [5107201, 5107201])
  if (count === 0) throw new CommandError(15958, 'the limit must be positive')
  return {
    reads: NO_FIELDS,
    push: { kind: 'limit', count },
    run: function* (input: Iterable<Document>) {
      let passed = 0
      for (const document of input) {
        yield document
        if (++passed >= count) return
      }
    },
  }
}

export const skip: StageOperator = specification => {
  const count = countOf(specification, '$skip', [5107200, 5107200])
  return {
    reads: NO_FIELDS,
    push: { kind: 'skip', count },
    run: function* (input: Iterable<Document>) {
      let passed = 0
      for (const document of input) if (++passed > count) yield document
    },
  }
}

function countOf(value: Value, name: string, [notNumber, negative]: readonly [number, number]): number {
  const count = integerOf(value)
  if (!isNumber(value) || count === undefined) {
    throw new CommandError(notNumber, `invalid argument to ${name} stage: Expected an integer`)
  }
  if (count >= 0) return count
  throw new CommandError(
    negative,
    `invalid argument to ${name} stage: Expected a non-negative number in: ${name}: ${count}`,
  )
}
