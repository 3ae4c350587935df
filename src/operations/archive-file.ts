// Archives into a compressed file: pieces of it hold a batch each, and a manifest beside it says which.
import { hash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { digestOf, eachStored, keyOf } from './archive-bytes.ts'
import { codecs } from './archive-codec.ts'
import { type CopyBatch, filterFor } from './archive-copy.ts'
import {
  addLine,
  type HeldPiece,
  held,
  leaveOut,
  type Manifest,
  manifestFile,
  type Piece,
  readManifest,
} from './archive-manifest.ts'
import type { Place } from './archive-place.ts'
import type { RecordHead } from './archive-records.ts'
import type { ArchiveTarget } from './archive-target.ts'

type FilePlace = Extract<Place, { readonly kind: 'file' }>

// Documents are put together into pieces of about this size before they are compressed.
const PIECE_BYTES = 8 * 1024 * 1024

/** Opens a file to archive into: a new one, or the one of a run that goes on. Throws `ARCHIVE_REFUSED`. */
export function fileTarget(
  source: ModelDefinition,
  place: FilePlace,
  { head, isNew }: { readonly head: RecordHead; readonly isNew: boolean },
): ArchiveTarget {
  const file = new ArchiveFile(place, head, isNew)
  return {
    present: async () => new Set(),
    copy: batch => file.copy(source, batch),
    digests: async ({ number }) => file.digests(number),
    retract: async (number, ids) => file.takeOut(number, ids),
    close: async isComplete => file.close(isComplete),
  }
}

class ArchiveFile {
  readonly #place: FilePlace
  readonly #file: number
  #end = 0
  #pieces: HeldPiece[] = []

  constructor(place: FilePlace, head: RecordHead, isNew: boolean) {
    this.#place = place
    const manifest = isNew ? undefined : readManifest(place.path)
    if (manifest && manifest.head.run !== head.run) throw refused(place, `it is the archive of ${manifest.head.run}`)
    this.#file = opened(place, manifest !== undefined)
    if (manifest) this.#takeUp(manifest)
    else this.#guard(() => addLine(place.path, headOf(head, place)))
  }

  async copy(source: ModelDefinition, batch: CopyBatch): Promise<void> {
    let documents: Uint8Array[] = []
    let size = 0
    const flush = () => {
      if (documents.length > 0) this.#append(batch.number, documents)
      documents = []
      size = 0
    }
    await eachStored(source, filterFor(batch), bytes => {
      const written = codecs[this.#place.format].write(bytes)
      if (!written) return
      documents.push(written)
      size += written.length
      if (size > PIECE_BYTES) flush()
    })
    flush()
  }

  digests(number: number): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const piece of this.#pieces.filter(({ batch }) => batch === number))
      for (const bytes of documentsIn(this.#file, this.#place.format, piece)) found.set(keyOf(bytes), digestOf(bytes))
    return found
  }

  takeOut(number: number, ids: readonly unknown[]): void {
    if (ids.length === 0) return
    this.#guard(() => addLine(this.#place.path, { out: number, ids }))
    leaveOut(this.#pieces, number, ids)
  }

  close(isComplete: boolean): void {
    if (isComplete) {
      const documents = this.#pieces.reduce((sum, { count, out }) => sum + count - out.size, 0)
      const sha256 = hash('sha256', this.#pieces.map(piece => piece.sha256).join())
      this.#guard(() => addLine(this.#place.path, { documents, pieces: this.#pieces.length, sha256 }))
    }
    closeSync(this.#file)
  }

  #append(batch: number, documents: readonly Uint8Array[]): void {
    const content = Buffer.concat(documents)
    const packed = gzipSync(content)
    const piece: Piece = {
      batch,
      offset: this.#end,
      length: packed.length,
      count: documents.length,
      sha256: hash('sha256', content),
    }
    this.#guard(() => {
      writeAll(this.#file, packed, this.#end)
      fsyncSync(this.#file)
      addLine(this.#place.path, piece)
    })
    this.#end += packed.length
    this.#pieces.push(held(piece))
  }

  #takeUp({ pieces }: Manifest): void {
    this.#pieces = [...pieces]
    this.#end = pieces.reduce((end, { offset, length }) => Math.max(end, offset + length), 0)
    if (fstatSync(this.#file).size < this.#end && this.#end > 0)
      throw new GooseError('ARCHIVE_DAMAGED', { reason: `${this.#place.path} is shorter than its manifest says` })
    // What follows the last piece of the manifest was being written: nothing of it was deleted.
    this.#guard(() => ftruncateSync(this.#file, this.#end))
  }

  #guard(write: () => void): void {
    try {
      write()
    } catch (cause) {
      throw new GooseError('ARCHIVE_UNWRITABLE', { place: this.#place.text, reason: reasonOf(cause) }, { cause })
    }
  }
}

/** Reads the documents of a piece that count. Throws `ARCHIVE_DAMAGED` where they are not what was written. */
export function documentsIn(file: number, format: FilePlace['format'], piece: HeldPiece): readonly Uint8Array[] {
  const packed = Buffer.alloc(piece.length)
  const read = readSync(file, packed, 0, piece.length, piece.offset)
  const content = read === piece.length ? unpacked(packed) : undefined
  if (!content || hash('sha256', content) !== piece.sha256)
    throw new GooseError('ARCHIVE_DAMAGED', { reason: `the piece of ${piece.length} bytes at ${piece.offset}` })
  return codecs[format].read(content).filter(bytes => !piece.out.has(keyOf(bytes)))
}

function unpacked(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed)
  } catch {
    return undefined
  }
}

function opened(place: FilePlace, isThere: boolean): number {
  try {
    if (isThere) return openSync(place.path, constants.O_RDWR | constants.O_CREAT)
    if (existsSync(manifestFile(place.path))) throw refused(place, 'there is a manifest of that name already')
    return openSync(place.path, 'wx+')
  } catch (cause) {
    if (cause instanceof GooseError) throw cause
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    if (isTaken && statSync(place.path).size === 0) return openSync(place.path, 'r+')
    throw refused(place, isTaken ? 'there is a file of that name already' : reasonOf(cause), cause)
  }
}

function headOf({ kind: _kind, to: _to, ...head }: RecordHead, { format }: FilePlace): object {
  return { ...head, format, at: new Date().toISOString() }
}

function writeAll(file: number, bytes: Uint8Array, from: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, from + at)
}

function refused({ text: place }: FilePlace, reason: string, cause?: unknown): GooseError {
  return new GooseError('ARCHIVE_REFUSED', { place, reason, hint: 'name another file' }, cause ? { cause } : {})
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'the disk is read-only',
  ENOENT: 'its folder does not exist',
  EFBIG: 'it would be larger than files may be',
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return reasons[code] ?? message
}

/** Looks at every piece of an archive file; gives those that are damaged. */
export function fileFaults(text: string): readonly { run: string; _id: string; fault: 'missing' | 'damaged' }[] {
  const path = text.slice('file:'.length)
  const manifest = readManifest(path)
  if (!manifest) return [{ run: '', _id: manifestFile(path), fault: 'missing' }]
  const { run, format } = manifest.head
  if (!existsSync(path)) return [{ run, _id: path, fault: 'missing' }]
  const file = openSync(path, 'r')
  try {
    return manifest.pieces.flatMap(piece => {
      try {
        documentsIn(file, format, piece)
        return []
      } catch (error) {
        if (!(error instanceof GooseError)) throw error
        return [
          {
            run,
            _id: `${path} from byte ${piece.offset} to ${piece.offset + piece.length}`,
            fault: 'damaged' as const,
          },
        ]
      }
    })
  } finally {
    closeSync(file)
  }
}
