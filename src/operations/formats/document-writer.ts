// Writes stored documents in a format: what comes before them, each of them, and what comes after.
import { GooseError } from '../../errors.ts'
import type { CsvColumn } from './csv-column.ts'
import { csvWriter } from './csv-writer.ts'
import { writeEjson } from './ejson-writer.ts'
import type { FileFormat } from './format.ts'
import { idText } from './id-text.ts'
import type { TextBuffer } from './text-buffer.ts'

/** Writes documents one after the other. */
export interface DocumentWriter {
  begin(out: TextBuffer): void
  document(out: TextBuffer, bytes: Buffer): void
  end(out: TextBuffer): void
  /** Says what the format could not hold. */
  losses(): readonly string[]
}

const LINE = 0x0a

/** Makes the writer of a format. */
export function writerOf(format: FileFormat, columns: readonly CsvColumn[]): DocumentWriter {
  if (format === 'csv') return ofCsv(columns)
  if (format === 'json') return list()
  if (format === 'bson') return { ...nothingElse, document: (out, bytes) => out.raw(bytes) }
  const form = format === 'ejson' ? 'canonical' : 'readable'
  const document = (out: TextBuffer, bytes: Buffer) => {
    named(bytes, () => writeEjson(out, bytes, form))
    out.byte(LINE)
  }
  return { ...nothingElse, document }
}

const nothingElse = { begin: () => {}, end: () => {}, losses: () => [] }

function list(): DocumentWriter {
  let isFirst = true
  const document = (out: TextBuffer, bytes: Buffer) => {
    out.ascii(isFirst ? '[\n' : ',\n')
    isFirst = false
    named(bytes, () => writeEjson(out, bytes, 'readable'))
  }
  return { ...nothingElse, document, end: out => out.ascii(isFirst ? '[]\n' : '\n]\n') }
}

function ofCsv(columns: readonly CsvColumn[]): DocumentWriter {
  const { head, document, lost } = csvWriter(columns)
  const losses = () => [
    ...(lost.fields.size > 0 ? [`csv has no column for ${[...lost.fields].join(', ')}: name them with --select`] : []),
    ...(lost.values.size > 0 ? [`csv cannot keep the types of all values of ${[...lost.values].join(', ')}`] : []),
  ]
  return { begin: head, document, end: () => {}, losses }
}

// An error names the document it is about: among a million it could not be found.
function named(bytes: Buffer, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!(error instanceof GooseError)) throw error
    throw new GooseError(error.code, { ...error.meta, reason: `${error.meta.reason} (_id ${idText(bytes)})` })
  }
}
