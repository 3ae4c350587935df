// The last value of a script as an answer: rows where it holds many, else one document or value.
import { GooseError } from '../../errors.ts'
import { DocumentBase, modelOf } from '../../runtime/document.ts'
import { Query } from '../../runtime/query.ts'
import type { Answer, Row } from '../answer.ts'
import { columnsOf } from '../columns.ts'
import type { LoadedModel } from '../models.ts'
import { jsonValue } from '../output/json.ts'
import { plain } from '../output/style.ts'
import { rowOf } from '../row.ts'
import { driverText } from './driver-looks.ts'
import type { Outcome } from './evaluation.ts'
import { inspectedText } from './inspected.ts'
import { modelText } from './outcome.ts'

type PagesOutcome = Extract<Outcome, { readonly kind: 'pages' }>

/** Answers the last value. A query without a limit of its own gives its first page; all else is given whole. */
export function answerOf(outcome: Outcome, models: readonly LoadedModel[]): Answer {
  if (outcome.kind === 'pages') return rowsAnswer(outcome, models)
  const value = outcome.kind === 'value' ? outcome.value : undefined
  if (value instanceof DocumentBase) {
    const document = rowOf(value)
    return { kind: 'document', document, columns: Object.keys(document).map(path => ({ path, head: path })) }
  }
  if (value === undefined) return { kind: 'value', data: null, text: '', isText: true }
  const data = dataOf(value, models)
  return { kind: 'value', data, text: typeof data === 'string' ? data : textOf(value) }
}

function rowsAnswer({ value, pages, first }: PagesOutcome, models: readonly LoadedModel[]): Answer {
  const isCut = value instanceof Query && value.state.limit === undefined
  const rows = async function* (): AsyncIterable<Row> {
    for (let page = first; ; page = await pages.next()) {
      for (const item of page.items) yield rowOf(item)
      if (isCut || !page.hasMore) return
    }
  }
  const note = isCut && first.hasMore ? [`the first ${first.items.length}; .limit(n) or .all() gives more`] : []
  const columns = columnsFor(first.items, models)
  return { kind: 'rows', rows: rows(), columns, footer: () => note, empty: 'nothing matches' }
}

function columnsFor(items: readonly unknown[], models: readonly LoadedModel[]) {
  const [first] = items
  const name = first instanceof DocumentBase ? modelOf(first).modelName : undefined
  const description = models.find(model => model.name === name)?.description
  const used = new Set(items.flatMap(item => Object.keys(rowOf(item))))
  if (description) return columnsOf(description).filter(column => used.has(column.path))
  return [...used].map(path => ({ path, head: path.toUpperCase() }))
}

/** Gives a value as data that can be written down: by its name where it is none. */
function dataOf(value: unknown, models: readonly LoadedModel[]): unknown {
  const description = models.find(({ model }) => model === value)?.description
  if (description) return modelText(description)
  if (typeof value === 'function' || typeof value === 'symbol') return shownOf(value)
  if (value instanceof Error) return { name: value.name, message: value.message }
  const named = driverText(value)
  if (named !== undefined) return named
  if (value instanceof Set) return [...value]
  refuseLoops(value)
  return typeof value === 'bigint' ? jsonValue(value) : value
}

// Found out before anything is printed.
function refuseLoops(value: unknown, around: readonly unknown[] = []): void {
  if (typeof value !== 'object' || value === null || '_bsontype' in value || value instanceof Date) return
  if (around.includes(value)) {
    const hint = 'print a part of it, or console.log(it)'
    throw new GooseError('CODE_FAILED', { name: 'Value', reason: 'it holds itself, which JSON cannot say', hint })
  }
  for (const inner of value instanceof Map ? value.values() : Object.values(value))
    refuseLoops(inner, [...around, value])
}

function textOf(value: unknown): string {
  return JSON.stringify(jsonValue(value), undefined, 2) ?? shownOf(value)
}

function shownOf(value: unknown): string {
  return inspectedText(value, { format: 'table', depth: 4, width: 80, style: plain })
}
