// Results by the page: the first is shown by itself, the next when it is asked for.
import { AbstractCursor } from 'mongodb'
import { DocumentBase } from '../../runtime/document.ts'
import { Query } from '../../runtime/query.ts'

/** Items of a result, a page of them at a time. */
export interface Pages {
  /** Reads the next page. */
  next(): Promise<PageOfItems>
}

/** A page as it is shown. */
export interface PageOfItems {
  readonly items: readonly unknown[]
  readonly hasMore: boolean
  /** How many came before. */
  readonly skipped: number
  readonly milliseconds: number
}

/** How many items a page has. */
const pageSize = 20

/** Gives the pages of a value that holds many items, or nothing for any other value. */
export function pagesOf(value: unknown): Pages | undefined {
  if (value instanceof Query) return queryPages(value as Query<unknown>)
  if (Array.isArray(value) && isTable(value)) return listPages(value)
  return isCursor(value) ? cursorPages(value) : undefined
}

// A page is a question of its own: no cursor stays open on the server while somebody reads.
function queryPages(query: Query<unknown>): Pages {
  const { skip: first = 0, limit } = query.state
  let read = 0
  return paged(async () => {
    const room = limit === undefined ? pageSize : Math.min(pageSize, limit - read)
    if (room <= 0) return { items: [], hasMore: false, skipped: read }
    const probe = limit === undefined || limit - read > room ? room + 1 : room
    const found = await query
      .skip(first + read)
      .limit(probe)
      .all()
    const items = found.slice(0, room)
    const skipped = read
    read += items.length
    return { items, hasMore: found.length > room, skipped }
  })
}

function listPages(list: readonly unknown[]): Pages {
  let read = 0
  return paged(async () => {
    const skipped = read
    const items = list.slice(read, read + pageSize)
    read += items.length
    return { items, hasMore: read < list.length, skipped }
  })
}

function cursorPages(source: AsyncIterable<unknown>): Pages {
  let read = 0
  let ahead: IteratorResult<unknown> | undefined
  const iterator = source[Symbol.asyncIterator]()
  return paged(async () => {
    const items: unknown[] = []
    ahead ??= await iterator.next()
    while (!ahead.done && items.length < pageSize) {
      items.push(ahead.value)
      ahead = await iterator.next()
    }
    const skipped = read
    read += items.length
    return { items, hasMore: !ahead.done, skipped }
  })
}

function paged(read: () => Promise<Omit<PageOfItems, 'milliseconds'>>): Pages {
  return {
    next: async () => {
      const started = performance.now()
      const page = await read()
      return { ...page, milliseconds: Math.round(performance.now() - started) }
    },
  }
}

// A list of anything else says more as it is.
function isTable(list: readonly unknown[]): boolean {
  return list.length > 0 && list.every(item => item instanceof DocumentBase || isPlain(item))
}

function isPlain(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false
  const prototype: unknown = Object.getPrototypeOf(item)
  return prototype === Object.prototype || prototype === null
}

function isCursor(value: unknown): value is AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return false
  return value instanceof AbstractCursor || ('all' in value && 'first' in value)
}
