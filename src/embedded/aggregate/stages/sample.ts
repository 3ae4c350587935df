// Runs $sample: so many documents by chance.
import type { Document } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import { NO_FIELDS, type StageOperator } from '../stage.ts'

export const sample: StageOperator = specification => {
  if (!(specification instanceof Map))
    throw new CommandError(28745, 'the $sample stage specification must be an object')
  for (const key of specification.keys()) {
    if (key !== 'size') throw new CommandError(28748, `unrecognized option to $sample: ${key}`)
  }
  const size = specification.get('size')
  if (size === undefined) throw new CommandError(28749, '$sample stage must specify a size')
  if (!isNumber(size)) throw new CommandError(28746, 'size argument to $sample must be a number')
  const count = Math.trunc(toDouble(size))
  if (count <= 0) throw new CommandError(28747, 'size argument to $sample must be a positive integer')
  return { reads: NO_FIELDS, run: input => chosen(input, count) }
}

/** Keeps a reservoir: each document has the same chance, whatever their number. */
function* chosen(input: Iterable<Document>, count: number): Iterable<Document> {
  const kept: Document[] = []
  let seen = 0
  for (const document of input) {
    const at = Math.floor(Math.random() * ++seen)
    if (kept.length < count) {
      kept.push(kept[at] ?? document)
      kept[at] = document
    } else if (at < count) kept[at] = document
  }
  yield* kept
}
