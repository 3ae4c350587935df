// One page of a query, with the total.
import { GooseError } from '../errors.ts'

/** Which page: by number, or by skip and limit. */
export interface PageRequest {
  readonly page?: number
  readonly size?: number
  readonly skip?: number
  readonly limit?: number
}

/** One page and what there is around it. */
export interface Page<D> {
  readonly items: readonly D[]
  readonly total: number
  readonly page: number
  readonly size: number
  readonly pages: number
  readonly hasNext: boolean
  readonly hasPrevious: boolean
}

interface Pageable<D> {
  readonly model: { readonly modelName: string }
  readonly state: { readonly sort: readonly (readonly [string, 1 | -1])[] }
  sort(...by: readonly Readonly<Record<string, 1 | -1>>[]): Pageable<D>
  skip(count: number): Pageable<D>
  limit(count: number): Pageable<D>
  count(): Promise<number>
  all(): Promise<D[]>
}

/** Reads a page; `_id` is the last sort key, so that pages neither overlap nor leave gaps. */
export async function pageOf<D>(query: Pageable<D>, request: PageRequest): Promise<Page<D>> {
  const size = request.limit ?? request.size ?? 20
  const skip = request.skip ?? ((request.page ?? 1) - 1) * size
  if (!isPositive(size)) throw refused(query, `the size of a page is ${size}`)
  if (!isPositive(request.page ?? 1) || !isPositive(skip + 1))
    throw refused(query, `page ${request.page ?? skip} does not exist`)
  const [total, items] = await Promise.all([query.skip(0).limit(0).count(), stable(query).skip(skip).limit(size).all()])
  const page = Math.floor(skip / size) + 1
  const pages = Math.ceil(total / size)
  return {
    items,
    total,
    page,
    size,
    pages,
    hasNext: skip + items.length < total && skip < total,
    hasPrevious: skip > 0 && total > 0,
  }
}

function stable<D>(query: Pageable<D>): Pageable<D> {
  const { sort } = query.state
  return sort.some(([path]) => path === '_id') ? query : query.sort({ ...Object.fromEntries(sort), _id: 1 })
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

function refused<D>(query: Pageable<D>, reason: string): GooseError {
  return new GooseError('INVALID_QUERY', { model: query.model.modelName, reason, hint: 'pages and sizes begin at 1' })
}
