// The documents of a file in pieces of a batch, read ahead, from any place on.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { bsonReader } from './formats/bson-reader.ts'
import { openBytes } from './formats/byte-source.ts'
import { csvEntries } from './formats/csv-reader.ts'
import type { Entry, EntryReader, Position } from './formats/entry.ts'
import { type FileFormat, formatOfBytes } from './formats/format.ts'
import { jsonReader } from './formats/json-reader.ts'
import { lineReader } from './formats/line-reader.ts'

/** Gives the entries of a file from a place on. */
export interface ImportSource {
  readonly format: FileFormat
  /** Opens the file from a place on; what was opened before is closed. */
  from(position: Position): EntryBatches
}

/** Entries in batches. */
export interface EntryBatches {
  /** The first line of CSV, once something is read. */
  head(): Buffer | undefined
  take(count: number): Promise<readonly Entry[]>
  close(): Promise<void>
}

/** Where every file begins. */
export const START: Position = { offset: 0, line: 1, entries: 0 }

/** Opens a file, or stdin for `-`. Throws `FILE_FAILED`, and `USAGE` where the format cannot be told. */
export async function openSource(
  definition: ModelDefinition,
  path: string,
  { format: asked, validates }: { readonly format: FileFormat | undefined; readonly validates: boolean },
): Promise<ImportSource> {
  refuseDescription(path)
  const bytes = await openBytes(path)
  const format = asked ?? formatOfBytes(bytes.first)
  if (!format)
    throw new GooseError('USAGE', {
      reason: `it cannot be told which format ${path === '-' ? 'stdin' : path} has`,
      hint: 'say it with --format ejson, ndjson, json, csv or bson',
    })
  const from = (position: Position) => {
    const about = { definition, path, from: position, takesUnknown: !validates }
    if (format === 'csv') return batchesOf(csvEntries(bytes.chunks, about), 'headed')
    const reader = readers[format](position)
    const chunks = bytes.chunks(position.offset)
    return batchesOf(entriesOf(format === 'bson' ? chunks : withoutMark(chunks, position), reader), 'plain')
  }
  return { format, from }
}

// mongodump puts it beside each collection: taken for documents, it would be one that fits no model.
function refuseDescription(path: string): void {
  const [, name] = /^(.*)\.metadata\.json(\.gz)?$/.exec(path) ?? []
  if (name === undefined) return
  const reason = `${path} describes a collection and its indexes`
  throw new GooseError('USAGE', { reason, hint: `the documents are in ${name}.bson; indexes are the model's` })
}

const readers: Readonly<Record<Exclude<FileFormat, 'csv'>, (from: Position) => EntryReader>> = {
  ejson: lineReader,
  ndjson: lineReader,
  json: jsonReader,
  bson: bsonReader,
}

async function* entriesOf(chunks: AsyncGenerator<Buffer>, reader: EntryReader): AsyncGenerator<readonly Entry[]> {
  for await (const chunk of chunks) yield reader.push(chunk)
  yield reader.end()
}

// A byte order mark is replaced by blanks, so that all places stay where they are.
async function* withoutMark(chunks: AsyncGenerator<Buffer>, { offset }: Position): AsyncGenerator<Buffer> {
  let isFirst = offset === 0
  for await (const chunk of chunks) {
    const isMarked = isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf
    isFirst = false
    yield isMarked ? Buffer.concat([Buffer.from('   '), chunk.subarray(3)]) : chunk
  }
}

const MOST_BYTES = 8 * 1024 * 1024

function batchesOf(entries: AsyncGenerator<readonly Entry[]>, kind: 'plain' | 'headed'): EntryBatches {
  let waiting: Entry[] = []
  let head: Buffer | undefined
  let isHeadDue = kind === 'headed'
  const take = async (count: number) => {
    const taken: Entry[] = []
    for (let bytes = 0; taken.length < count && bytes < MOST_BYTES; ) {
      if (waiting.length === 0) {
        const { value, done } = await entries.next()
        if (done) break
        waiting = [...value].reverse()
        continue
      }
      const entry = waiting.pop()!
      if (isHeadDue) {
        head = entry.source
        isHeadDue = false
        continue
      }
      taken.push(entry)
      bytes += entry.bytes?.length ?? 0
      if (entry.isLast) break
    }
    return taken
  }
  return { head: () => head, take, close: async () => void (await entries.return(undefined)) }
}
