// Runs $sort; with a limit behind it, only the first documents are kept on the way.
import { type Document, decodeDocument, type Value } from '../../bson/decode.ts'
import { encodeDocument } from '../../bson/encode.ts'
import { CommandError } from '../../errors.ts'
import { compileSort, type Sort } from '../../values/sort.ts'
import { SortedRuns } from '../../values/sorted-runs.ts'
import { integerOf } from '../integer.ts'
import type { StageOperator } from '../stage.ts'

export const sort: StageOperator = (specification, { environment, following }) => {
  if (!(specification instanceof Map)) throw new CommandError(15973, 'the $sort key specification must be an object')
  if (specification.size === 0) throw new CommandError(15976, '$sort stage must have at least one sort key')
  const order = compileSort(specification, environment.collation)
  const most = neededOf(following)
  return {
    reads: order.fields,
    push: { kind: 'sort', sort: specification },
    run: function* (input: Iterable<Document>) {
      yield* sorted(input, { order, most, allowsDisk: environment.allowsDisk !== false })
    },
  }
}

type Keyed = { readonly document: Document; readonly key: ReturnType<Sort['key']> }

interface Sorting {
  readonly order: Sort
  /** how many of the first documents are needed */
  readonly most: number
  readonly allowsDisk: boolean
}

/** The documents in order, equal ones as they came; no more than are needed. */
function* sorted(input: Iterable<Document>, { order, most, allowsDisk }: Sorting): Iterable<Document> {
  const keyed = (document: Document): Keyed => ({ document, key: order.key(document) })
  const runs = new SortedRuns<Keyed>({
    compare: (a, b) => order.compareKeys(a.key, b.key),
    sizeOf: sampledSize(),
    toBytes: ({ document }) => encodeDocument(document),
    fromBytes: bytes => keyed(decodeDocument(bytes)),
    limit: most,
    allowsDisk,
  })
  for (const document of input) runs.add(keyed(document))
  for (const { document } of runs.items()) yield document
}

const SAMPLED = 32
/** Decoded, a document takes about so many times its bytes. */
const DECODED = 4

/** To measure every document would cost more than to sort them: one of some speaks for those that follow. */
function sampledSize(): (item: Keyed) => number {
  let count = 0
  let size = 0
  return ({ document }) => {
    if (count++ % SAMPLED === 0) size = encodeDocument(document).length * DECODED
    return size
  }
}

/** How many documents a $limit, perhaps after $skip, takes of those that are sorted. */
function neededOf(following: readonly Value[]): number {
  const [next, after] = following
  const skipped = numberIn(next, '$skip') ?? 0
  const limited = numberIn(skipped > 0 ? after : next, '$limit')
  return limited === undefined ? Number.POSITIVE_INFINITY : skipped + limited
}

function numberIn(stage: Value | undefined, name: string): number | undefined {
  return stage instanceof Map ? integerOf(stage.get(name)) : undefined
}
