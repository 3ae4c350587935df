// How documents are written into an archive file, and read from it.

interface Codec {
  write(documents: readonly Uint8Array[]): Buffer
  /** Gives the stored bytes of each document. */
  read(content: Buffer): readonly Uint8Array[]
}

/** The formats by the end of a file's name. */
export const codecs = {
  bson: { write: documents => Buffer.concat(documents), read: cut },
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
