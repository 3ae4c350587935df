// Pages by cursor: right with ties, nulls and mixed types, by any sort, forward and back.
import { createHash } from 'node:crypto'
import { BSON } from 'mongodb'
import { GooseError, InvalidCursor } from '../errors.ts'
import type { Plan } from '../models/plan.ts'
import { beyond } from './sort-boundary.ts'

/** One page of a walk by cursor. */
export interface CursorPage<D> {
  readonly items: readonly D[]
  /** The cursor for `after`, or null at the end. */
  readonly next: string | null
  /** The cursor for `before`, or null at the beginning. */
  readonly previous: string | null
  /** Whether there is more in the direction of the walk. */
  readonly hasMore: boolean
}

/** How the walk reads: documents with the values they are sorted by. */
export interface Walk<D> {
  readonly model: string
  readonly plan: Plan
  read(plan: Plan): Promise<readonly { readonly document: D; readonly values: readonly unknown[] }[]>
}

type Direction = 'after' | 'before'

/** Reads the page after, or before, a cursor; without one, the first or the last page. */
export async function cursorPageOf<D>(
  walk: Walk<D>,
  direction: Direction,
  options: { readonly cursor: string | null | undefined; readonly limit: number | undefined },
): Promise<CursorPage<D>> {
  const limit = options.limit ?? 20
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new GooseError('INVALID_QUERY', {
      model: walk.model,
      reason: `the limit of a page is ${limit}`,
      hint: 'give a whole number from 1',
    })
  const forward = sortOf(walk.plan)
  const sort = direction === 'after' ? forward : reversed(forward)
  const token = tokenOf(walk, forward)
  const boundary = options.cursor ? [beyond(sort, token.parse(options.cursor))] : []
  const found = await walk.read({
    ...walk.plan,
    sort,
    filters: [...walk.plan.filters, ...boundary],
    skip: undefined,
    limit: limit + 1,
    select: withSort(walk.plan, sort),
  })
  const hasMore = found.length > limit
  const items = found.slice(0, limit)
  if (direction === 'before') items.reverse()
  const ends = { first: items[0] && token.of(items[0].values), last: items.at(-1) && token.of(items.at(-1)!.values) }
  return {
    items: items.map(item => item.document),
    next: (direction === 'after' ? hasMore : options.cursor) ? (ends.last ?? null) : null,
    previous: (direction === 'before' ? hasMore : options.cursor) ? (ends.first ?? null) : null,
    hasMore,
  }
}

/** The sort of a walk: `_id` comes last, so that no two documents are equal. */
function sortOf(plan: Plan): Plan['sort'] {
  return plan.sort.some(([path]) => path === '_id') ? plan.sort : [...plan.sort, ['_id', 1]]
}

function reversed(sort: Plan['sort']): Plan['sort'] {
  return sort.map(([path, direction]) => [path, direction === 1 ? -1 : 1])
}

function withSort(plan: Plan, sort: Plan['sort']): readonly string[] {
  const paths = sort.map(([path]) => path)
  const [first] = plan.select
  if (first === undefined) return plan.select
  if (!first.startsWith('-')) return [...new Set([...plan.select, ...paths])]
  // What a page is sorted by makes its cursor: it is read, though it was to be left out.
  return plan.select.filter(left => !paths.some(path => `${path}.`.startsWith(`${left.slice(1)}.`)))
}

function tokenOf<D>(walk: Walk<D>, sort: Plan['sort']) {
  const question = BSON.EJSON.stringify(
    { model: walk.model, sort, filters: walk.plan.filters, deleted: walk.plan.deleted },
    { relaxed: false },
  )
  const hash = createHash('sha256').update(question).digest('base64url').slice(0, 16)
  const refuse = (reason: string) => new InvalidCursor({ model: walk.model, reason })
  return {
    of(values: readonly unknown[]): string {
      if (values.some(Array.isArray))
        throw new GooseError('INVALID_QUERY', {
          model: walk.model,
          reason: 'a list is no order to page by',
          hint: 'sort by other fields',
        })
      return Buffer.from(
        BSON.EJSON.stringify({ h: hash, v: values.map(value => value ?? null) }, { relaxed: false }),
      ).toString('base64url')
    },
    parse(cursor: string): readonly unknown[] {
      const token = parseToken(cursor)
      if (!token || token.v.length !== sort.length) throw refuse('it is not one that goose made')
      if (token.h !== hash) throw refuse('it belongs to another sort or filter')
      return token.v
    },
  }
}

function parseToken(cursor: string): { readonly h: string; readonly v: readonly unknown[] } | undefined {
  try {
    const token = BSON.EJSON.parse(Buffer.from(cursor, 'base64url').toString(), { relaxed: false })
    return typeof token?.h === 'string' && Array.isArray(token.v) ? token : undefined
  } catch {
    return undefined
  }
}
