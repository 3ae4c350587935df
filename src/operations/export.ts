// Exports documents: read as bytes in the order of _id, written in a format, flat in memory.
import type { ModelDefinition } from '../models/definition.ts'
import type { Plan } from '../models/plan.ts'
import { decrypterOf } from './export-decryption.ts'
import { batchesOf } from './export-walk.ts'
import type { CsvColumn } from './formats/csv-column.ts'
import { writerOf } from './formats/document-writer.ts'
import type { FileFormat } from './formats/format.ts'
import { TextBuffer } from './formats/text-buffer.ts'

/** What is exported, and how. */
export interface ExportRequest {
  readonly definition: ModelDefinition
  readonly plan: Plan
  readonly format: FileFormat
  /** The columns of CSV. */
  readonly columns: readonly CsvColumn[]
  /** Whether encrypted fields are written as ciphertext, as they are stored, or in clear. */
  readonly encrypted: 'stored' | 'clear'
  /** How long a lost connection is waited for, in milliseconds. */
  readonly patience: number | undefined
}

/** An export: its pieces, to be read once, and what is known when they are. */
export interface Export {
  readonly pieces: AsyncGenerator<Buffer>
  documents(): number
  losses(): readonly string[]
}

const PIECE = 64 * 1024

/** Begins an export; nothing is read before its first piece is asked for. */
export function exportOf(request: ExportRequest): Export {
  const writer = writerOf(request.format, request.columns)
  let documents = 0
  const open = request.encrypted === 'clear' ? decrypterOf(request.definition) : undefined
  async function* pieces(): AsyncGenerator<Buffer> {
    const out = new TextBuffer()
    writer.begin(out)
    for await (const batch of batchesOf(request.definition, request.plan, request)) {
      for (const bytes of batch) {
        writer.document(out, open ? open(bytes) : bytes)
        documents += 1
        if (out.length > PIECE) yield out.take()
      }
    }
    writer.end(out)
    if (out.length > 0) yield out.take()
  }
  return { pieces: pieces(), documents: () => documents, losses: () => writer.losses() }
}
