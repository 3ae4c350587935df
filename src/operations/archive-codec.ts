// How documents are written into an archive file, and read from it.
import { GooseError } from '../errors.ts'
import { EjsonReader } from './formats/ejson-reader.ts'
import { writeEjson } from './formats/ejson-writer.ts'
import { Unreadable } from './formats/json-scanner.ts'
import { TextBuffer } from './formats/text-buffer.ts'

interface Codec {
  /** Gives a document as it stands in the file; undefined where it would not come back as the same bytes. */
  write(document: Uint8Array): Uint8Array | undefined
  /** Gives the stored bytes of each document. */
  read(content: Buffer): readonly Uint8Array[]
}

/** The formats by the end of a file's name. */
export const codecs = {
  bson: { write: document => document, read: cut },
  ejson: { write: line, read: documentsOfLines },
} as const satisfies Readonly<Record<string, Codec>>

/** The name of a format. */
export type ArchiveFormat = keyof typeof codecs

function cut(content: Buffer): readonly Uint8Array[] {
  const documents: Uint8Array[] = []
  for (let at = 0; at < content.length; ) {
    const size = content.readInt32LE(at)
    documents.push(content.subarray(at, at + size))
    at += size
  }
  return documents
}

const out = new TextBuffer()
const reader = new EjsonReader()
const END = 0x0a

// A few values have no canonical text: keys that look like types, and numbers in unusual bytes.
function line(document: Uint8Array): Buffer | undefined {
  out.length = 0
  try {
    writeEjson(out, document as Buffer, 'canonical')
    const text = out.take()
    return reader.read(text).equals(document) ? Buffer.concat([text, Buffer.of(END)]) : undefined
  } catch (error) {
    if (error instanceof GooseError || error instanceof Unreadable) return undefined
    throw error
  }
}

function documentsOfLines(content: Buffer): readonly Uint8Array[] {
  const documents: Uint8Array[] = []
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(END, at)
    documents.push(reader.read(content.subarray(at, end)))
    at = end + 1
  }
  return documents
}
