// Keeps documents that could not be imported: as they stood in the file, and beside them why.
import { open } from 'node:fs/promises'
import { fileFailed } from './formats/byte-source.ts'

/** How much of both files counts: what a batch that died has added is cut off again. */
export interface RejectSizes {
  readonly documents: number
  readonly reasons: number
}

/** A document that could not be imported. */
export interface Reject {
  readonly line: number
  readonly problem: string
  readonly source: Buffer | undefined
}

/** Adds documents behind what counts, and gives what counts then. Throws `FILE_FAILED`. */
export async function keepRejects(
  path: string,
  sizes: RejectSizes,
  { head, rejects }: { readonly head: Buffer | undefined; readonly rejects: readonly Reject[] },
): Promise<RejectSizes> {
  const documents = rejects.flatMap(({ source }) => (source ? [ended(source)] : []))
  const first = sizes.documents === 0 && head ? [head] : []
  const reasons = rejects.map(({ line, problem }) => Buffer.from(`${JSON.stringify({ line, problem })}\n`))
  return {
    documents: await append(path, sizes.documents, Buffer.concat([...first, ...documents])),
    reasons: await append(`${path}.reasons`, sizes.reasons, Buffer.concat(reasons)),
  }
}

// BSON needs no end of line; the first byte of text is never that of a small document.
function ended(source: Buffer): Buffer {
  return source.at(-1) === 0x0a || source.at(-1) === 0 ? source : Buffer.concat([source, Buffer.from('\n')])
}

async function append(path: string, size: number, bytes: Buffer): Promise<number> {
  try {
    const file = await open(path, size === 0 ? 'w' : 'r+')
    try {
      await file.truncate(size)
      await file.write(bytes, 0, bytes.length, size)
      await file.sync()
    } finally {
      await file.close()
    }
    return size + bytes.length
  } catch (error) {
    throw fileFailed('write', path, error)
  }
}
