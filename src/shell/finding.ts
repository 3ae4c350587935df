// Reads documents for find and get: rows as they come, and the sentence below them.
import { DocumentNotFound } from '../errors.ts'
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
}

/** Finds documents; nothing is read before the rows are printed. */
export async function findRows(loaded: LoadedModel, flags: FindFlags): Promise<RowsAnswer> {
  const query = await questionOf(loaded, flags)
  const select = pathsOf(flags.select ?? '')
  const state = { hasMore: false }
  const rows = limited(flags.limit === 0 ? query : query.limit(flags.limit + 1), flags.limit, state)
  return {
    kind: 'rows',
    columns: columnsOf(loaded.description, select),
    rows: mapped(rows, document => rowOf(document, select)),
    empty: `no ${loaded.name} matches`,
    footer: ({ rows, time }) => (rows === 0 ? [] : [footer(rows, { ...flags, time, hasMore: state.hasMore })]),
  }
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

async function* mapped(documents: AsyncIterable<unknown>, change: (document: unknown) => Row): AsyncGenerator<Row> {
  for await (const document of documents) yield change(document)
}

interface FooterFacts {
  readonly limit: number
  readonly skip?: number | undefined
  readonly time: string | undefined
  readonly hasMore: boolean
}

function footer(count: number, { limit, skip = 0, time, hasMore }: FooterFacts): string {
  const rows = `${count} ${count === 1 ? 'row' : 'rows'}${hasMore ? ', more follow' : ''}`
  const next = hasMore ? `next: --skip ${skip + limit}, all: --limit 0` : undefined
  return [rows, time, next].filter(part => part !== undefined).join(' · ')
}
