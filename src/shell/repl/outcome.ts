// What a line has come to, as text for the person who typed it.
import { DocumentBase, modelOf } from '../../runtime/document.ts'
import { maskUris } from '../../runtime/masked-uri.ts'
import type { Answer, Row } from '../answer.ts'
import { columnsOf } from '../columns.ts'
import { failureOf, failureText } from '../failure.ts'
import type { LoadedModel } from '../models.ts'
import { escapeControl, escapeLines } from '../output/escape.ts'
import { jsonText } from '../output/json.ts'
import type { Page } from '../output/page.ts'
import { printAnswer } from '../output/print.ts'
import { plain, type Style } from '../output/style.ts'
import { rowOf } from '../row.ts'
import { driverText } from './driver-looks.ts'
import { inspectedText, type Look } from './inspected.ts'
import type { PageOfItems } from './pages.ts'
import { markedLine, placeOf } from './syntax.ts'

/** Gives the text of a page of items, with what stands below it. */
export async function pageText(page: PageOfItems, look: Look, models: readonly LoadedModel[]): Promise<string> {
  if (page.items.length === 0) return look.style.faint(page.skipped === 0 ? 'nothing matches' : 'no more')
  const count = page.items.length
  const footer = [
    `${count} ${count === 1 ? 'row' : 'rows'}`,
    `${page.milliseconds} ms`,
    page.hasMore ? '`it` for more' : '',
  ]
  const foot = look.style.faint(footer.filter(Boolean).join(' · '))
  if (look.format === 'json') return maskUris(`${page.items.map(item => jsonText(rowOf(item), 2)).join('\n')}\n${foot}`)
  const rows = page.items.map(item => rowOf(item))
  const text = await printed({ kind: 'rows', rows, columns: columnsFor(page.items, rows, models) }, look)
  return `${text}${foot}`
}

/** Gives the text of one value. */
export async function valueText(value: unknown, look: Look, models: readonly LoadedModel[]): Promise<string> {
  if (value instanceof DocumentBase) {
    const document = rowOf(value)
    if (look.format === 'json') return jsonText(document, 2)
    const columns = Object.keys(document).map(path => ({ path, head: path }))
    const changes = value.isNew ? ' · not saved yet' : value.isDirty() ? ' · changed, not saved' : ''
    const text = await printed({ kind: 'document', document, columns }, look)
    return `${text}${look.style.faint(`${modelOf(value).modelName}${changes}`)}`
  }
  const description = models.find(({ model }) => model === value)?.description
  if (description) return modelText(description)
  const named = driverText(value)
  if (named !== undefined) return maskUris(escapeLines(named))
  if (value instanceof Error) return maskUris(escapeLines(`${value.name}: ${value.message}`))
  if (look.format === 'json' && isData(value)) return maskUris(jsonText(value, 2))
  return inspectedText(value, look)
}

/** Gives the text of an error: goose's own as everywhere, others by their name and place in what was typed. */
export function errorText(error: unknown, style: Style, typed: 'command' | 'code' = 'command'): string {
  if (!(error instanceof Error)) return `${style.error('✖')} ${style.error('thrown')}  ${thrownText(error)}`
  if (isKnown(error)) return failureText(failureOf(error, typed), style).trimEnd()
  const place = placeOf(error)
  const marked = place ? markedLine(place).map(line => `\n  ${escapeControl(line.replaceAll('\t', '  '))}`) : []
  const head = `${style.error('✖')} ${style.error(escapeLines(error.name))}  ${maskUris(escapeLines(error.message))}`
  return [head, ...marked].join('')
}

/** Shows any value that was thrown. */
export function thrownText(value: unknown): string {
  return inspectedText(value, { format: 'table', depth: 2, width: 80, style: plain })
}

/** Says whether goose knows more of an error than the code that threw it. */
function isKnown(error: Error & { readonly code?: unknown; readonly hint?: unknown }): boolean {
  return typeof error.hint === 'string' || /^Mongo/.test(error.name) || /^E[A-Z]{3,}$/.test(String(error.code))
}

async function printed(answer: Answer, look: Look): Promise<string> {
  let text = ''
  const sink = {
    write: async (piece: string) => {
      text += piece
    },
  }
  const page: Page = {
    format: 'table',
    isAsked: true,
    stdout: sink,
    stderr: sink,
    style: look.style,
    talk: look.style,
    width: look.width,
    isQuiet: false,
    isTalking: false,
    isPaged: () => false,
    now: new Date(),
  }
  await printAnswer(answer, page)
  return text
}

function columnsFor(items: readonly unknown[], rows: readonly Row[], models: readonly LoadedModel[]) {
  const [first] = items
  const used = new Set(rows.flatMap(row => Object.keys(row)))
  const name = first instanceof DocumentBase ? modelOf(first).modelName : undefined
  const description = models.find(model => model.name === name)?.description
  if (!description) return [...used].map(path => ({ path, head: path.replace(/^_id$/, 'id').toUpperCase() }))
  return columnsOf(description).filter(column => used.has(column.path))
}

/** Gives the line that a model is shown as. */
export function modelText({ name, collection, fields }: LoadedModel['description']): string {
  return `model ${name}: collection ${collection}, ${fields.length} fields (.schema ${name})`
}

function isData(value: unknown): boolean {
  return typeof value !== 'function' && typeof value !== 'symbol'
}
