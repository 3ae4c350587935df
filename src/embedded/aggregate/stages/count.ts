// Runs $count and $sortByCount.
import { type Document, int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { narrowest } from '../../values/numbers.ts'
import { NO_FIELDS, type StageOperator } from '../stage.ts'
import { group } from './group.ts'
import { sort } from './sort.ts'

export const count: StageOperator = specification => {
  const name = checkedName(specification)
  return {
    reads: NO_FIELDS,
    closes: true,
    run: function* (input: Iterable<Document>) {
      let total = 0
      for (const _ of input) total++
      if (total > 0) yield new Map<string, Value>([[name, narrowest(BigInt(total))]])
    },
  }
}

function checkedName(name: Value): string {
  if (typeof name !== 'string') throw new CommandError(40156, 'the count field must be a non-empty string')
  if (name === '') throw new CommandError(40156, 'the count field must be a non-empty string')
  if (name.startsWith('$')) throw new CommandError(40158, 'the count field cannot be a $-prefixed path')
  if (name.includes('\0')) throw new CommandError(40159, 'the count field cannot contain a null byte')
  if (name.includes('.')) throw new CommandError(40160, "the count field cannot contain '.'")
  return name
}

export const sortByCount: StageOperator = (specification, context) => {
  checkExpression(specification)
  const grouped = group(
    new Map<string, Value>([
      ['_id', specification],
      ['count', new Map<string, Value>([['$sum', int32(1)]])],
    ]),
    context,
  )
  const ordered = sort(new Map<string, Value>([['count', int32(-1)]]), context)
  return { reads: grouped.reads, closes: true, run: input => ordered.run(grouped.run(input)) }
}

function checkExpression(value: Value): void {
  if (value instanceof Map) {
    if (value.keys().next().value?.startsWith('$')) return
    throw new CommandError(
      40147,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    )
  }
  if (typeof value !== 'string') {
    throw new CommandError(40149, 'the sortByCount field must be specified as a string or as an object')
  }
  if (!value.startsWith('$')) {
    throw new CommandError(
      40148,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    )
  }
}
