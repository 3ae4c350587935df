// The manifest beside an archive file: which batches it holds, where, with their digests; only ever added to.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { BSON } from 'mongodb'
import { keyOfId } from './archive-bytes.ts'
import type { ArchiveFormat } from './archive-codec.ts'
import type { RecordHead } from './archive-records.ts'

/** What the first line says. */
export type ManifestHead = Omit<RecordHead, 'to' | 'kind'> & { readonly format: ArchiveFormat; readonly at: string }

/** A piece of the file: a gzip member with documents of one batch. */
export interface Piece {
  readonly batch: number
  readonly offset: number
  readonly length: number
  readonly count: number
  /** Of what the piece holds, before it was compressed. */
  readonly sha256: string
}

/** A piece, and the keys of documents in it that do not count: they stayed where they were, or went back. */
export interface HeldPiece extends Piece {
  readonly out: Set<string>
}

/** What a manifest says. */
export interface Manifest {
  readonly head: ManifestHead
  readonly pieces: readonly HeldPiece[]
  /** Whether the run came to its end. */
  readonly isWhole: boolean
}

/** Gives the name of the manifest of a file. */
export function manifestFile(path: string): string {
  return `${path}.manifest.ndjson`
}

/** Adds a line, and waits until it is on the disk. */
export function addLine(path: string, line: object): void {
  const file = openSync(manifestFile(path), 'a')
  try {
    writeSync(file, `${BSON.EJSON.stringify(line, { relaxed: false })}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Reads the manifest of a file; undefined where there is none. A last line that was cut is as if it were not there. */
export function readManifest(path: string): Manifest | undefined {
  const file = manifestFile(path)
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.pop()
  const [head, ...rest] = lines.map(line => BSON.EJSON.parse(line, { relaxed: false }) as Line)
  if (!head) return undefined
  const pieces: HeldPiece[] = []
  let isWhole = false
  for (const line of rest) {
    if ('offset' in line) pieces.push(held(line))
    else if ('out' in line) leaveOut(pieces, Number(line.out), line.ids)
    else isWhole = true
  }
  return { head: head as never, pieces, isWhole }
}

/** Makes documents of a batch not count, in all pieces there are of it until now. */
export function leaveOut(pieces: readonly HeldPiece[], batch: number, ids: readonly unknown[]): void {
  for (const piece of pieces.filter(held => held.batch === batch)) for (const id of ids) piece.out.add(keyOfId(id))
}

/** Makes a piece ready to have documents left out. */
export function held({ batch, offset, length, count, sha256 }: Piece): HeldPiece {
  const numbers = { batch: Number(batch), offset: Number(offset), length: Number(length), count: Number(count) }
  return { ...numbers, sha256, out: new Set() }
}

type Line = Piece | { readonly out: number; readonly ids: readonly unknown[] } | { readonly documents: number }
