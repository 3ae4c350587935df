// Reads stored documents one after the other, as mongodump writes them.
import { type Entry, type EntryReader, LARGEST_DOCUMENT, LONGEST_LINE, type Position, tooLarge } from './entry.ts'

// Servers allow themselves a little more than they allow their clients.
const LARGEST = LARGEST_DOCUMENT + 16 * 1024
const ARCHIVE = 0x8199e26d | 0

/** Reads documents that say their length first. */
export function bsonReader(from: Position): EntryReader {
  let { offset, entries: number } = from
  let left: Buffer = Buffer.alloc(0)
  let isBroken = false
  const broken = (problem: string): Entry => {
    isBroken = true
    return { line: number + 1, end: offset, problem, isLast: true }
  }
  const push = (chunk: Buffer) => {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    const entries: Entry[] = []
    let at = 0
    while (!isBroken && bytes.length - at >= 4) {
      const size = bytes.readInt32LE(at)
      if (size < 5 || size > LONGEST_LINE) {
        entries.push(broken(wrongSize(size, offset)))
        break
      }
      if (bytes.length - at < size) break
      offset += size
      number += 1
      entries.push({ line: number, end: offset, ...documentIn(bytes.subarray(at, at + size)) })
      at += size
    }
    left = bytes.subarray(at)
    return entries
  }
  const end = () => (isBroken || left.length === 0 ? [] : [broken(`the file ends inside of document ${number + 1}`)])
  return { push, end }
}

function documentIn(bytes: Buffer): Pick<Entry, 'bytes' | 'source' | 'problem'> {
  if (bytes.length > LARGEST) return { source: bytes, problem: tooLarge(bytes.length) }
  if (bytes.at(-1) === 0) return { bytes, source: bytes }
  return { source: bytes, problem: 'the document does not end where it says' }
}

function wrongSize(size: number, offset: number): string {
  if (size === ARCHIVE) return 'this is an archive of mongodump; dump without --archive, into a folder'
  return `at byte ${offset} a document of ${size} bytes begins: this is no BSON, or it is damaged`
}
