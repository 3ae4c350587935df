// Archives as documents come back from them: of a run, of a file, or all that a filter finds in a collection.
import { closeSync, openSync } from 'node:fs'
import { Binary, type Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { eachStored, keyOf } from './archive-bytes.ts'
import { documentsIn } from './archive-file.ts'
import { addLine, type Manifest, readManifest } from './archive-manifest.ts'
import type { Place } from './archive-place.ts'
import { recordsOf } from './archive-records.ts'
import { walkOf } from './archive-walk.ts'

/** Documents that come back together, and where to go on behind them. */
export interface Returning {
  readonly next: unknown
  /** The documents as they lie in the archive, by the keys of their ids. */
  readonly documents: ReadonlyMap<string, Uint8Array>
}

/** An archive that is read. */
export interface ArchiveSource {
  readonly place: Place
  /** Gives the next documents behind a checkpoint; undefined at the end. */
  next(checkpoint: unknown, count: number): Promise<Returning | undefined>
  close(): Promise<void>
}

/** What comes back. */
export interface SourceRequest {
  readonly definition: ModelDefinition
  readonly place: Place
  /** Only what this run has archived. */
  readonly run?: string | undefined
  /** Only what this filter finds, in a collection. */
  readonly filter: Document
}

/** Opens an archive for reading. Throws `ARCHIVE_REFUSED` where there is none. */
export function sourceOf(request: SourceRequest): ArchiveSource {
  const { place } = request
  if (place.kind === 'file') return fileSource(place)
  return request.run === undefined ? collectionSource(request, place.definition) : runSource(request, place.definition)
}

function fileSource(place: Extract<Place, { readonly kind: 'file' }>): ArchiveSource {
  const manifest = manifestOf(place)
  const file = openSync(place.path, 'r')
  return {
    place,
    next: async checkpoint => {
      const from = Number((checkpoint as Document | null)?.piece ?? 0)
      const piece = manifest.pieces[from]
      if (!piece) return undefined
      const documents = new Map(documentsIn(file, place.format, piece).map(bytes => [keyOf(bytes), bytes]))
      return { next: { piece: from + 1 }, documents }
    },
    close: async () => closeSync(file),
  }
}

function manifestOf(place: Extract<Place, { readonly kind: 'file' }>): Manifest {
  const manifest = readManifest(place.path)
  if (manifest) return manifest
  const reason = 'there is no such file with a manifest beside it'
  throw new GooseError('ARCHIVE_REFUSED', { place: place.text, reason, hint: 'see `goose archive list`' })
}

/** Notes in the manifest of a file that documents of a piece have gone back. */
export function noteReturned(path: string, pieceNumber: number, ids: readonly unknown[]): void {
  const piece = readManifest(path)?.pieces[pieceNumber]
  if (piece && ids.length > 0) addLine(path, { out: piece.batch, ids })
}

function collectionSource({ place, filter }: SourceRequest, archive: ModelDefinition): ArchiveSource {
  const order = { path: '_id', hint: '_id_', sort: { _id: 1 } } as const
  const walk = walkOf({ definition: archive, filter, order })
  let last: { readonly next: unknown; readonly place: Uint8Array } | undefined
  return {
    place,
    next: async (checkpoint, count) => {
      const at = checkpoint as { readonly key: Binary } | null
      const behind = at ? (last && last.next === checkpoint ? last.place : new Uint8Array(at.key.buffer)) : undefined
      const found = await walk.next(behind, count)
      const end = found.at(-1)?.place
      if (!end) return undefined
      const documents = await bytesOf(
        archive,
        found.map(({ id }) => id),
        filter,
      )
      const next = { key: new Binary(end) }
      last = { next, place: end }
      return { next, documents }
    },
    close: () => walk.close(),
  }
}

function runSource({ definition, place, run, filter }: SourceRequest, archive: ModelDefinition): ArchiveSource {
  return {
    place,
    next: async checkpoint => {
      const done = Number((checkpoint as Document | null)?.number ?? 0)
      const behind = { kind: 'archive', state: 'done', run, number: { $gt: done }, 'ids.0': { $exists: true } }
      for await (const record of recordsOf(definition, behind))
        return { next: { number: record.number }, documents: await bytesOf(archive, record.ids, filter) }
      return undefined
    },
    close: async () => {},
  }
}

async function bytesOf(
  archive: ModelDefinition,
  ids: readonly unknown[],
  filter: Document,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const documents = new Map<string, Uint8Array>()
  const narrowed = { $and: [{ _id: { $in: ids } }, filter] }
  await eachStored(archive, narrowed, bytes => documents.set(keyOf(bytes), bytes))
  return documents
}
