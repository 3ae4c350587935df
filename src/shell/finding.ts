// Reads documents for find and get: rows as they come, and the sentence below them.
import { DocumentNotFound } from '../errors.ts'
import { settingsOf } from '../models/settings.ts'
import type { Query } from '../runtime/query.ts'
import type { DocumentAnswer, Row, RowsAnswer, ValueAnswer } from './answer.ts'
import { columnsOf } from './columns.ts'
import { idOfText } from './ids.ts'
import type { LoadedModel } from './models.ts'
import { cellOf } from './output/cell.ts'
import { plain } from './output/style.ts'
import { filtered, pathsOf, type QuestionFlags, questionOf } from './question.ts'
import { rowOf } from './row.ts'

/** The flags of find beside those that make the query. */
export interface FindFlags extends QuestionFlags {
  readonly limit: number
  readonly page?: number | undefined
  readonly after?: string | undefined
  readonly before?: string | undefined
}

/** Finds documents; nothing is read before the rows are printed. */
export async function findRows(loaded: LoadedModel, flags: FindFlags): Promise<RowsAnswer> {
  const select = pathsOf(flags.select ?? '')
  const skip = flags.page === undefined ? flags.skip : (flags.page - 1) * flags.limit
  const query = await questionOf(loaded, { ...flags, skip })
  const isWalk = flags.after !== undefined || flags.before !== undefined
  const read = isWalk ? await walk(query, flags) : stream(query, { ...flags, skip })
  return {
    kind: 'rows',
    columns: columnsOf(loaded.description, select.length > 0 ? select : bookkeeping(loaded, flags)),
    rows: mapped(read.documents, document => rowOf(document, select)),
    empty: `no ${loaded.name} matches`,
    footer: ({ rows, time }) => (rows === 0 ? [] : [footer(rows, time, read.next())]),
  }
}

/** Leaves out the fields of plugins that say nothing about living documents. */
function bookkeeping({ model }: LoadedModel, { deleted }: FindFlags): readonly string[] {
  const { softDelete, version } = settingsOf(model.definition)
  const marks = softDelete && (deleted === undefined || deleted === 'exclude') ? [softDelete.field, 'deletion'] : []
  return [...marks, ...(version ? ['_v'] : [])].map(path => `-${path}`)
}

/** Documents as they are read, and what to type for more of them. */
interface Reading {
  readonly documents: AsyncIterable<unknown> | Iterable<unknown>
  next(): string | undefined
}

function stream(query: Query<unknown>, { limit, skip = 0 }: FindFlags): Reading {
  const state = { hasMore: false }
  const documents = limited(limit === 0 ? query : query.limit(limit + 1), limit, state)
  return { documents, next: () => (state.hasMore ? `next: --skip ${skip + limit}, all: --limit 0` : undefined) }
}

async function walk(query: Query<unknown>, { limit, after, before }: FindFlags): Promise<Reading> {
  const size = limit === 0 ? {} : { limit }
  const cursor = (text: string | undefined, end: string) => (text === end ? null : text)
  const page =
    after === undefined
      ? await query.before(cursor(before, 'end'), size)
      : await query.after(cursor(after, 'start'), size)
  const ways = [
    ...(page.next ? [`next: --after ${page.next}`] : []),
    ...(page.previous ? [`previous: --before ${page.previous}`] : []),
  ]
  return { documents: page.items, next: () => (ways.length === 0 ? undefined : ways.join(' · ')) }
}

/** Gets one document by its id or the end of it. Throws `DocumentNotFound`. */
export async function getDocument(loaded: LoadedModel, id: string, flags: QuestionFlags): Promise<DocumentAnswer> {
  const query = await questionOf(loaded, flags)
  const _id = await idOfText(loaded, id, await filtered(loaded.model.find(), { deleted: flags.deleted }))
  const document = await query.find({ _id } as never).first()
  if (!document) throw new DocumentNotFound({ model: loaded.name, id: `_id ${id}` })
  const row = rowOf(document, pathsOf(flags.select ?? ''))
  const columns = Object.keys(row).map(path => ({ path, head: path }))
  return { kind: 'document', document: row, columns }
}

/** Answers the different values of a path, in order. */
export async function distinctValues(loaded: LoadedModel, path: string, flags: QuestionFlags): Promise<ValueAnswer> {
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

async function* mapped(documents: Reading['documents'], change: (document: unknown) => Row): AsyncGenerator<Row> {
  for await (const document of documents) yield change(document)
}

function footer(count: number, time: string | undefined, next: string | undefined): string {
  const rows = `${count} ${count === 1 ? 'row' : 'rows'}${next?.includes('next') ? ', more follow' : ''}`
  return [rows, time, next].filter(part => part !== undefined).join(' · ')
}
