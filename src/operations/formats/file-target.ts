// Writes a file under another name first, so that under its own there is all of it or nothing.
import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { fileFailed } from './byte-source.ts'
import { isGzipName } from './format.ts'

/** Writes all pieces to a file, packed where its name ends in .gz; gives how many bytes the file has then. */
export async function writeFileWhole(path: string, pieces: AsyncIterable<Buffer>): Promise<number> {
  const part = `${path}.part`
  const file = createWriteStream(part)
  // A signal may end the process here; then no part may stay behind either.
  const leave = () => rmSync(part, { force: true })
  process.once('exit', leave)
  try {
    await once(file, 'open')
    await (isGzipName(path) ? pipeline(pieces, createGzip({ level: 6 }), file) : writeAll(file, pieces))
    await keep(part)
    await rename(part, path)
    return file.bytesWritten
  } catch (error) {
    file.destroy()
    await rm(part, { force: true })
    if (!isOfFiles(error)) throw error
    throw fileFailed('write', path, error, '; what was written of it is removed')
  } finally {
    process.off('exit', leave)
  }
}

async function writeAll(file: Writable, pieces: AsyncIterable<Buffer>): Promise<void> {
  await pipeline(pieces, file)
}

/** Waits until the disk has it: only then may it take the place of an older file. */
async function keep(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  await handle.sync()
  await handle.close()
}

// What reading from the database throws is none of the file's.
function isOfFiles(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException
  return (
    typeof code === 'string' &&
    (syscall !== undefined || /^(E[A-Z]+|Z_\w+)$/.test(code)) &&
    !('errorLabels' in (error as object))
  )
}
