// The bytes of a file or of stdin, unpacked where they are gzip, from any place on.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { GooseError } from '../../errors.ts'

const CHUNK = 256 * 1024

/** Opened bytes: the first piece is read, so that a format can be told by it. */
export interface ByteSource {
  readonly first: Buffer
  readonly isGzip: boolean
  /** Gives the bytes from an offset of the unpacked file on, in pieces. */
  chunks(offset: number): AsyncGenerator<Buffer>
}

/** Opens a file, or stdin for `-`. Throws `FILE_FAILED` where that cannot be. */
export async function openBytes(path: string): Promise<ByteSource> {
  const head = await headOf(path)
  const isGzip = head.bytes[0] === 0x1f && head.bytes[1] === 0x8b
  const chunks = (offset: number) => {
    const isSeekable = head.rest === undefined && !isGzip
    const raw = head.rest
      ? withHead(head.bytes, head.rest)
      : createReadStream(path, { highWaterMark: CHUNK, start: isSeekable ? offset : 0 })
    return guarded(path, skipping(isGzip ? unpacked(raw) : raw, isSeekable ? 0 : offset))
  }
  if (!isGzip) return { first: head.bytes, isGzip, chunks }
  return { first: head.rest ? Buffer.alloc(0) : await firstOf(chunks(0)), isGzip, chunks }
}

/** What tells whether a file is still the one that was begun with. */
export interface FileMark {
  readonly size: number
  readonly modified: number
}

/** Gives the mark of a file. Throws `FILE_FAILED` where there is none. */
export async function markOf(path: string): Promise<FileMark> {
  try {
    const { size, mtimeMs } = await stat(path)
    return { size, modified: Math.round(mtimeMs) }
  } catch (error) {
    throw fileFailed('read', path, error)
  }
}

/** Makes the error of a file that cannot be read or written; a wrong path is another fault than a full disk. */
export function fileFailed(action: 'read' | 'write', path: string, error: unknown, more = ''): GooseError {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code in refusals) return new GooseError('FILE_REFUSED', { path, reason: refusals[code] }, { cause: error })
  const reason = reasons[code] ?? message
  const hint = hints[code] ?? 'look at the disk, then do it again'
  return new GooseError('FILE_FAILED', { action, path, reason, more, hint }, { cause: error })
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'make room, or write to another disk',
  Z_BUF_ERROR: 'the file was cut; get it again',
  Z_DATA_ERROR: 'the file was changed on its way; get it again',
}

const refusals: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'it may not be read or written',
  EPERM: 'it may not be read or written',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EROFS: 'the disk cannot be written to',
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EFBIG: 'it would be larger than is allowed',
  EDQUOT: 'there is no quota left',
  Z_BUF_ERROR: 'the gzip data ends too early',
  Z_DATA_ERROR: 'the gzip data is damaged',
}

interface Head {
  readonly bytes: Buffer
  /** What follows of a stream that can be read only once. */
  readonly rest: AsyncIterator<Buffer> | undefined
}

async function headOf(path: string): Promise<Head> {
  if (path === '-') {
    const rest = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const { value, done } = await rest.next()
    return { bytes: done ? Buffer.alloc(0) : Buffer.from(value), rest }
  }
  return {
    bytes: await firstOf(guarded(path, createReadStream(path, { end: CHUNK - 1, highWaterMark: CHUNK }))),
    rest: undefined,
  }
}

async function firstOf(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  const { value, done } = await chunks.next()
  await chunks.return(undefined)
  return done ? Buffer.alloc(0) : value
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function unpacked(source: AsyncIterable<Buffer> | Readable): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK })
  // An error of the source arrives at whoever reads what comes out.
  pipeline(source, gunzip, () => {})
  return gunzip
}

async function* skipping(chunks: AsyncIterable<Buffer>, offset: number): AsyncGenerator<Buffer> {
  let left = offset
  for await (const chunk of chunks) {
    if (chunk.length <= left) left -= chunk.length
    else {
      yield left > 0 ? chunk.subarray(left) : chunk
      left = 0
    }
  }
}

async function* guarded(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks
  } catch (error) {
    throw fileFailed('read', path === '-' ? 'stdin' : path, error)
  }
}
