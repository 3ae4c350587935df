// Prints an answer in the format asked for: data to stdout, talk to stderr.
import type { Answer, DocumentAnswer, PiecesAnswer, Row, RowsAnswer, ValueAnswer } from '../answer.ts'
import type { CellLook } from './cell.ts'
import { cellOf } from './cell.ts'
import { csvCell, csvLine, csvText, harmless } from './csv.ts'
import { ejsonText } from './ejson.ts'
import { escapeJson, escapeLines } from './escape.ts'
import { jsonText } from './json.ts'
import type { Page } from './page.ts'
import { atPath } from './path.ts'
import { printRows } from './rows.ts'
import { buffered, type Sink } from './sink.ts'
import { padEnd, widthOf } from './width.ts'
import { yamlText } from './yaml.ts'

/** Prints an answer, then its footer. */
export async function printAnswer(answer: Answer, page: Page): Promise<void> {
  const footer = await printToEnd(answer, page)
  if (page.isQuiet) return
  for (const line of footer) await page.stderr.write(`${page.talk.faint(escapeLines(line))}\n`)
}

async function printToEnd(answer: Answer, page: Page): Promise<readonly string[]> {
  const out = buffered(page.stdout)
  try {
    const footer = await printBody(answer, { ...page, stdout: out })
    await out.flush()
    return footer
  } finally {
    await page.stdout.end?.()
  }
}

/** Gives the look of cells: shortened for people at a terminal, complete anywhere else. */
function lookOf(page: Page): CellLook {
  const isShort = page.width !== undefined && page.format === 'table'
  return { style: page.style, ids: isShort ? 'short' : 'full', dates: isShort ? 'relative' : 'exact', now: page.now }
}

async function printBody(answer: Answer, page: Page): Promise<readonly string[]> {
  if (answer.kind === 'rows') return printManyRows(answer, page)
  if (answer.kind === 'document') await printDocument(answer, page)
  else if (answer.kind === 'pieces') await printPieces(answer, page)
  else await printValue(answer, page)
  return answer.footer?.() ?? []
}

async function printManyRows(answer: RowsAnswer, page: Page): Promise<readonly string[]> {
  const started = performance.now()
  const { count, notes } = await printRows(answer, page, lookOf(page))
  const time = page.isTalking ? `${Math.round(performance.now() - started)} ms` : undefined
  const footer = (await answer.footer?.({ rows: count, time })) ?? []
  const empty = count === 0 && answer.empty ? [answer.empty] : []
  return [...empty, ...notes, ...footer]
}

async function printDocument({ document, columns }: DocumentAnswer, page: Page): Promise<void> {
  const { format, stdout } = page
  if (format === 'table' || format === 'wide') return printFields({ document, columns }, page)
  if (format === 'csv') {
    const cells = columns.map(column => csvCell(atPath(document, column.path)))
    return stdout.write(harmless(`${csvLine(columns.map(column => column.path))}\n${csvLine(cells)}\n`, page))
  }
  if (format === 'yaml') return stdout.write(`${yamlText(document)}\n`)
  if (format === 'ejson') return stdout.write(`${await ejsonText(document)}\n`)
  return stdout.write(`${jsonText(document, format === 'json' ? 2 : 0)}\n`)
}

/** Prints one document field by field; values keep their full length. */
async function printFields({ document, columns }: { document: Row; columns: DocumentAnswer['columns'] }, page: Page) {
  const look = { ...lookOf(page), ids: 'full' } as const
  const heads = columns.map(column => column.path)
  const widest = Math.max(0, ...heads.map(widthOf))
  for (const path of heads) {
    const value = atPath(document, path)
    if (value === undefined) continue
    const cell = cellOf(value, look)
    await page.stdout.write(`${page.style.heading(padEnd(path, widest))}  ${cell.paint(cell.text)}\n`)
  }
}

async function printValue({ data, text, isText }: ValueAnswer, page: Page): Promise<void> {
  const { format, isAsked, stdout } = page
  if (isText && !isAsked) return printText(text, stdout)
  if (format === 'json') return stdout.write(`${jsonText({ ok: true, data }, 2)}\n`)
  if (format === 'ndjson')
    return stdout.write(
      [data]
        .flat()
        .map(item => `${jsonText(item)}\n`)
        .join(''),
    )
  if (format === 'ejson') return stdout.write(`${await ejsonText({ ok: true, data })}\n`)
  if (format === 'yaml') return stdout.write(`${yamlText(data)}\n`)
  if (format === 'csv') return stdout.write(harmless(csvText(data), page))
  return printText(text, stdout)
}

// What leaves for a file or a pipe is not touched; on a terminal, data must not be able to steer it.
async function printPieces({ pieces }: PiecesAnswer, { stdout, isTerminal }: Page): Promise<void> {
  for await (const piece of pieces) await stdout.write(isTerminal ? escapeJson(piece.toString('utf8')) : piece)
}

async function printText(text: string, stdout: Sink): Promise<void> {
  if (text !== '') await stdout.write(`${escapeLines(text)}\n`)
}
