// One document as a file holds it: where it stands, its bytes, or what is wrong with it.

/** A document of a file, or what stands in its place. */
export interface Entry {
  /** The line it begins at; in BSON, which has no lines, its number. */
  readonly line: number
  /** Where the next one begins: what has to be read no more once this one is done. */
  readonly end: number
  /** The stored form; missing where it cannot be read. */
  readonly bytes?: Buffer
  /** The text it was read from, as it stands in the file. */
  readonly source?: Buffer
  readonly problem?: string
  /** Whether nothing after it can be read. */
  readonly isLast?: boolean
}

/** Where reading begins: at the start, or behind what is done. */
export interface Position {
  readonly offset: number
  readonly line: number
  /** How many documents lie before it. */
  readonly entries: number
}

/** Cuts the bytes of a file into documents; `end` gives what is left when there are no more bytes. */
export interface EntryReader {
  push(chunk: Buffer): readonly Entry[]
  end(): readonly Entry[]
}

/** Says of a document that it is larger than MongoDB takes. */
export function tooLarge(size: number): string {
  return `the document has ${(size / 1024 / 1024).toFixed(1)} MB, and MongoDB stores at most 16 MB`
}

/** The most bytes a line of text may have: a document of 16 MB is longer as text. */
export const LONGEST_LINE = 64 * 1024 * 1024

/** The most bytes that MongoDB stores as one document. */
export const LARGEST_DOCUMENT = 16 * 1024 * 1024
