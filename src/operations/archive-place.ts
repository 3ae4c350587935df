// Where documents are archived to, as people write it: coll:, db:, conn: or file:.
import { resolve } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { archiveCollection } from '../runtime/archive-class.ts'
import { type ArchiveFormat, codecs } from './archive-codec.ts'

/** A collection, of this or another database or connection; or a file. */
export type Place =
  | { readonly kind: 'collection'; readonly text: string; readonly definition: ModelDefinition }
  | { readonly kind: 'file'; readonly text: string; readonly path: string; readonly format: ArchiveFormat }

/** Reads a place. `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` in the name of a file are the time. Throws `USAGE`. */
export function placeOf(definition: ModelDefinition, text: string | undefined, now: Date): Place {
  const written = text ?? `coll:${archiveCollection(definition)}`
  const [, kind = '', name = ''] = /^(\w+):(.+)$/s.exec(written) ?? []
  const read = readers[kind]
  if (!read) throw unreadable(written)
  return read(definition, name, now)
}

/** Gives the connection a place names, when it names one. */
export function connectionIn(text: string | undefined): string | undefined {
  return /^conn:([^.]+)/.exec(text ?? '')?.[1]
}

type Reader = (definition: ModelDefinition, name: string, now: Date) => Place

const readers: Readonly<Record<string, Reader>> = {
  coll: (definition, collection) => inCollection(definition, `coll:${collection}`, { collection }),
  db: (definition, name) => {
    const [database = '', collection = definition.collection] = halves(name)
    return inCollection(definition, `db:${name}`, { database, collection })
  },
  conn: (definition, name) => {
    const [connection = '', collection = definition.collection] = halves(name)
    return inCollection(definition, `conn:${name}`, { connection, collection })
  },
  file: (_, name, now) => {
    const path = resolve(dated(name, now))
    const format = /\.(\w+)\.gz$/.exec(path)?.[1]
    if (!isFormat(format)) throw unreadable(`file:${name}`)
    return { kind: 'file', text: `file:${path}`, path, format }
  },
}

function isFormat(name: string | undefined): name is ArchiveFormat {
  return name !== undefined && Object.hasOwn(codecs, name)
}

function inCollection(
  definition: ModelDefinition,
  text: string,
  elsewhere: { readonly collection: string; readonly database?: string; readonly connection?: string },
): Place {
  const place = { ...definition, ...elsewhere, archiveOf: definition }
  const isSame = place.collection === definition.collection && !elsewhere.database && !elsewhere.connection
  if (!isSame && !/^(system\.|_goose_|_audit_log$)|[$\0]/.test(place.collection))
    return { kind: 'collection', text, definition: place }
  const reason = isSame ? 'it is the collection the documents are in' : 'no documents of a model belong there'
  throw new GooseError('ARCHIVE_REFUSED', { place: text, reason, hint: 'name another collection' })
}

// The name of a collection may hold dots, those before it may not.
function halves(name: string): readonly string[] {
  const dot = name.indexOf('.')
  return dot === -1 ? [name] : [name.slice(0, dot), name.slice(dot + 1)]
}

function dated(name: string, now: Date): string {
  const [year, month, day, hour, minute, second] = now.toISOString().split(/[-T:.]/)
  const parts: Readonly<Record<string, string | undefined>> = {
    Y: year,
    m: month,
    d: day,
    H: hour,
    M: minute,
    S: second,
  }
  return name.replace(/%([YmdHMS])/g, (_, letter: string) => parts[letter] ?? '')
}

function unreadable(text: string): GooseError {
  const hint = `write coll:NAME, db:NAME, conn:NAME, or file:PATH with .${Object.keys(codecs).join('.gz or .')}.gz at its end`
  return new GooseError('USAGE', { reason: `"${text}" is no place for an archive`, hint })
}
