// Exports documents of a model to stdout or to a file, and says what was left out.
import { resolve } from 'node:path'
import { settingsOf } from '../models/settings.ts'
import { type Export, exportOf } from '../operations/export.ts'
import { type ExportFields, exportFields } from '../operations/export-fields.ts'
import { type CsvColumn, columnOf, columnsOf } from '../operations/formats/csv-column.ts'
import { writeFileWhole } from '../operations/formats/file-target.ts'
import { type FileFormat, fileFormats, formatOfName } from '../operations/formats/format.ts'
import type { Query } from '../runtime/query.ts'
import { grouped, sizeOf } from './amounts.ts'
import type { Answer } from './answer.ts'
import { usage } from './flags.ts'
import type { LoadedModel } from './models.ts'
import { progressOf } from './progress.ts'
import { pathsOf, type QuestionFlags, questionOf } from './question.ts'
import { keepMemorySmall } from './small-memory.ts'

/** The flags of export beside those that make the query. */
export interface ExportFlags extends QuestionFlags {
  readonly format?: FileFormat | undefined
  readonly output?: string | undefined
  readonly json?: boolean | undefined
  readonly file?: string | undefined
  readonly limit?: number | undefined
  readonly 'include-secrets'?: boolean | undefined
  readonly decrypt?: boolean | undefined
  readonly quiet?: boolean | undefined
}

/** Exports what the flags ask for. Throws `FILE_FAILED` when the file cannot be written whole. */
export async function exportDocuments(loaded: LoadedModel, flags: ExportFlags): Promise<Answer> {
  const format = formatFor(flags)
  keepMemorySmall()
  const { definition } = loaded.model
  const secrets = flags['include-secrets'] || flags.decrypt ? 'include' : 'leave'
  const fields = exportFields(definition, pathsOf(flags.select ?? ''), { secrets })
  const { timeout: patience, ...asked } = flags
  const query = limited(await questionOf(loaded, { ...asked, select: fields.select.join(',') }), flags.limit)
  const columns = format === 'csv' ? columnsFor(loaded, flags, fields) : []
  const encrypted = flags.decrypt ? 'clear' : 'stored'
  const made = exportOf({ definition, plan: query.state, format, columns, encrypted, patience })
  const said = () => [...notesOf(loaded, flags, fields), ...made.losses()]
  if (flags.file !== undefined) return toFile(loaded, made, { ...flags, file: flags.file, said })
  return {
    kind: 'pieces',
    pieces: told(made, flags),
    isText: format !== 'bson',
    footer: () => [count(loaded, made), ...said()],
  }
}

/** Decides the format: as asked for, by the ending of the file name, or the one that keeps all types. */
function formatFor({ format, output, json, file }: ExportFlags): FileFormat {
  const asked = format ?? (json ? 'json' : output)
  if (asked !== undefined && !(fileFormats as readonly string[]).includes(asked))
    throw usage(`export has no format ${asked}`, `take --format ${fileFormats.join(', ')}`)
  const found = (asked as FileFormat | undefined) ?? formatOfName(file ?? '') ?? 'ejson'
  if (found === 'bson' && file === undefined && process.stdout.isTTY)
    throw usage('BSON is nothing for a terminal', 'name a file with --file, or send it to a program')
  return found
}

function limited(query: Query<unknown>, limit: number | undefined): Query<unknown> {
  return limit === undefined || limit === 0 ? query : query.limit(limit)
}

function columnsFor({ model }: LoadedModel, { select }: ExportFlags, fields: ExportFields): readonly CsvColumn[] {
  const { definition } = model
  const hidden = new Set(fields.leftOut)
  const asked = pathsOf(select ?? '')
  const isList = asked.length > 0 && !asked[0]!.startsWith('-')
  if (isList) return fields.select.map(path => columnOf(definition, path))
  const out = new Set(asked.map(path => path.slice(1)))
  return columnsOf(definition, new Set([...hidden, ...out]))
}

interface FileExport extends ExportFlags {
  readonly file: string
  readonly said: () => readonly string[]
}

async function toFile(loaded: LoadedModel, made: Export, { file, said, ...flags }: FileExport): Promise<Answer> {
  const size = await writeFileWhole(resolve(file), told(made, flags))
  const data = { model: loaded.name, documents: made.documents(), file, bytes: size }
  const text = `${count(loaded, made)} to ${file} (${sizeOf(size)})`
  return { kind: 'value', data, text, footer: said }
}

async function* told(made: Export, flags: ExportFlags): AsyncGenerator<Buffer> {
  const progress = progressOf(flags)
  try {
    for await (const piece of made.pieces) {
      // A line that changes would stand in the middle of what is shown.
      if (flags.file !== undefined || !process.stdout.isTTY) progress.tell(`exported ${grouped(made.documents())}`)
      yield piece
    }
  } finally {
    progress.end()
  }
}

function count({ name }: LoadedModel, made: Export): string {
  return `exported ${grouped(made.documents())} ${name}`
}

function notesOf({ model }: LoadedModel, flags: ExportFlags, { leftOut }: ExportFields): readonly string[] {
  const isSoft = settingsOf(model.definition).softDelete !== undefined
  const hidden = leftOut.length > 0 ? [`left out: ${leftOut.join(', ')} (--include-secrets writes them)`] : []
  const deleted =
    isSoft && flags.deleted === undefined ? ['deleted documents are left out (--deleted include writes them)'] : []
  return [...hidden, ...deleted]
}
