// Reads documents for find and get: rows as they come, and the sentence below them.
import { findPath, isHiddenAt } from '../models/path.ts'
import { settingsOf } from '../models/settings.ts'
import type { Query } from '../runtime/query.ts'
import { grouped } from './amounts.ts'
import type { DocumentAnswer, Row, RowsAnswer, ValueAnswer } from './answer.ts'
import { columnsOf } from './columns.ts'
import { indexUsed } from './explaining.ts'
import { usage } from './flags.ts'
import { documentOf } from './ids.ts'
import type { LoadedModel } from './models.ts'
import { cellOf } from './output/cell.ts'
import { plain } from './output/style.ts'
import { pathsOf, type QuestionFlags, questionOf } from './question.ts'
import { rowOf } from './row.ts'

/** The flags of find beside those that make the query. */
export interface FindFlags extends QuestionFlags {
  readonly limit: number
  readonly page?: number | undefined
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly count?: boolean | undefined
  readonly verbose?: boolean | undefined
}

/** Finds documents; nothing is read before the rows are printed. */
export async function findRows(loaded: LoadedModel, flags: FindFlags): Promise<RowsAnswer> {
  const select = pathsOf(flags.select ?? '')
  const skip = flags.page === undefined ? flags.skip : (flags.page - 1) * flags.limit
  const query = await questionOf(loaded, { ...flags, skip })
  const isWalked = isWalk(query, { ...flags, skip })
  const read = isWalked ? walk(query, flags) : stream(query, { ...flags, skip })
  const asked = isWalked && query.state.sort.length === 0 ? query.sort('_id') : query
  // Only people are told of the index: it costs a question of its own.
  const isTold = process.stderr.isTTY === true || flags.verbose === true
  const index = once(() => (isTold ? indexUsed(flags.limit === 0 ? asked : asked.limit(flags.limit)) : undefined))
  const total = once(() => (flags.count ? query.skip(0).count() : undefined))
  const documents = started(read.documents, () => [index(), total()])
  return {
    kind: 'rows',
    columns: columnsOf(loaded.description, select.length > 0 ? select : bookkeeping(loaded, flags)),
    rows: mapped(documents, document => rowOf(document, select)),
    empty: `no ${loaded.name} matches`,
    footer: async ({ rows, time }) =>
      rows === 0 ? [] : [footer({ rows, total: await total(), time, index: await index(), next: read.next() })],
  }
}

/** Leaves out the fields of plugins that say nothing about living documents. */
function bookkeeping({ model }: LoadedModel, { deleted }: FindFlags): readonly string[] {
  const { softDelete, version } = settingsOf(model.definition)
  const marks = softDelete && (deleted === undefined || deleted === 'exclude') ? [softDelete.field, 'deletion'] : []
  return [...marks, ...(version ? [version] : [])].map(path => `-${path}`)
}

/** Documents as they are read, and what to type for more of them. */
interface Reading {
  readonly documents: AsyncIterable<unknown>
  next(): string | undefined
}

/** Says whether to read by cursor: where it is asked for, and where the order is that of the ids anyway. */
function isWalk({ state }: Query<unknown>, { after, before, skip, limit }: FindFlags): boolean {
  if (after !== undefined || before !== undefined) return true
  return skip === undefined && limit > 0 && limit <= 1000 && state.sort.every(([path]) => path === '_id')
}

function stream(query: Query<unknown>, { limit, skip = 0, page }: FindFlags): Reading {
  const state = { hasMore: false }
  const documents = limited(limit === 0 ? query : query.limit(limit + 1), limit, state)
  const next = page === undefined ? `--skip ${skip + limit}` : `--page ${page + 1}`
  return { documents, next: () => (state.hasMore ? `next: ${next}, all: --limit 0` : undefined) }
}

function walk(query: Query<unknown>, { limit, after, before }: FindFlags): Reading {
  const size = limit === 0 ? {} : { limit }
  const cursor = (text: string | undefined, end: string) => (text === end || text === undefined ? null : text)
  let ways: readonly string[] = []
  async function* read() {
    const page =
      before === undefined
        ? await query.after(cursor(after, 'start'), size)
        : await query.before(cursor(before, 'end'), size)
    ways = [
      ...(page.next ? [`next: --after ${page.next}`] : []),
      ...(page.previous ? [`previous: --before ${page.previous}`] : []),
    ]
    yield* page.items
  }
  return { documents: read(), next: () => (ways.length === 0 ? undefined : ways.join(' · ')) }
}

/** Gets one document by its id or the end of it. Throws `DocumentNotFound`. */
export async function getDocument(loaded: LoadedModel, id: string, flags: QuestionFlags): Promise<DocumentAnswer> {
  const query = await questionOf(loaded, flags)
  const read = (_id: unknown) => query.find({ _id } as never).first()
  const document = await documentOf(loaded, id, { deleted: flags.deleted, read })
  const row = rowOf(document, pathsOf(flags.select ?? ''))
  const columns = Object.keys(row).map(path => ({ path, head: path }))
  return { kind: 'document', document: row, columns }
}

/** Answers the different values of a path, in order. */
export async function distinctValues(loaded: LoadedModel, path: string, flags: QuestionFlags): Promise<ValueAnswer> {
  const { definition } = loaded.model
  if (isHiddenAt(definition, path) && !findPath(definition, path).field?.marks.encrypted)
    throw usage(`"${path}" of ${loaded.name} is secret, and its values are not listed`, 'count them instead')
  const query = await questionOf(loaded, flags)
  const values = (await query.distinct(path)) as readonly unknown[]
  const look = { style: plain, ids: 'full', dates: 'exact', now: new Date() } as const
  return { kind: 'value', data: values, text: values.map(value => cellOf(value, look).text).join('\n') }
}

/** Passes on at most `limit` documents, and remembers whether there was one more. */
async function* limited(documents: AsyncIterable<unknown>, limit: number, state: { hasMore: boolean }) {
  let count = 0
  for await (const document of documents) {
    if (limit !== 0 && count === limit) {
      state.hasMore = true
      return
    }
    count += 1
    yield document
  }
}

/** Begins what is told below the rows together with reading them. */
async function* started(documents: AsyncIterable<unknown>, begin: () => unknown): AsyncGenerator<unknown> {
  begin()
  yield* documents
}

function once<T>(make: () => Promise<T> | undefined): () => Promise<T> | undefined {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

async function* mapped(documents: Reading['documents'], change: (document: unknown) => Row): AsyncGenerator<Row> {
  for await (const document of documents) yield change(document)
}

interface Told {
  readonly rows: number
  readonly total: number | undefined
  readonly time: string | undefined
  readonly index: string | undefined
  readonly next: string | undefined
}

function footer({ rows, total, time, index, next }: Told): string {
  const of = total === undefined ? '' : ` of ${grouped(total)}`
  const count = `${rows}${of} ${rows === 1 && total === undefined ? 'row' : 'rows'}`
  const more = next?.includes('next') ? ', more follow' : ''
  return [`${count}${more}`, time, index, next].filter(part => part !== undefined).join(' · ')
}
