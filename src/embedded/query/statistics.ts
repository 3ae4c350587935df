// Answers what the server says of itself inside pipelines: sizes, use of indexes, sessions, running commands.
import { Long } from 'mongodb'
import type { Document } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import type { Room } from '../operation/room.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import { useOf } from '../store/index-use.ts'
import { sizesOf } from '../store/sizes.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { hostOf, lsidOf, operationsOf } from './running.ts'

export interface Place {
  readonly room: Room
  readonly data: Data
  readonly db: string
  readonly name: string | undefined
}

/** Gives the documents of a stage such as $collStats. */
export function statisticsOf(stage: string, specification: Document, place: Place): Document[] {
  if (stage === '$collStats') return [collectionStatistics(specification, place)]
  if (stage === '$indexStats') return indexStatistics(place)
  checkPlace(stage, place)
  if (stage === '$currentOp')
    return operationsOf(place.room, { idleSessions: specification.get('idleSessions') !== false })
  if (stage === '$listSessions' || stage === '$listLocalSessions') return sessions(place.room)
  if (stage === '$planCacheStats') return []
  throw new CommandError('CommandNotSupported', `the stage ${stage} is not supported by the embedded database`)
}

function checkPlace(stage: string, { db, name }: Place): void {
  if (stage === '$currentOp' && !(db === 'admin' && name === undefined))
    throw new CommandError(
      'InvalidNamespace',
      "$currentOp must be run against the 'admin' database with {aggregate: 1}",
    )
  if (stage === '$listLocalSessions' && name !== undefined)
    throw new CommandError(
      'InvalidNamespace',
      '$listLocalSessions must be run against the database with {aggregate: 1}',
    )
  if (stage === '$listSessions' && !(db === 'config' && name === 'system.sessions'))
    throw new CommandError('InvalidNamespace', '$listSessions must be run against the config.system.sessions namespace')
}

/** Gives what collStats and $collStats say of the storage, in units of `scale` bytes. */
export function storageStatistics(data: Data, collection: Collection | undefined, scale: number): Document {
  const { documents, bytes, indexes } = sizesOf(data, collection)
  const scaled = (size: number) => Math.floor(size / scale)
  const storage = storageOf({ documents, bytes })
  const indexBytes = Object.values(indexes).reduce((sum, size) => sum + size, 0)
  return document({
    size: scaled(bytes),
    count: documents,
    avgObjSize: documents > 0 ? Math.floor(bytes / documents) : undefined,
    numOrphanDocs: 0,
    storageSize: scaled(storage),
    freeStorageSize: 0,
    capped: collection?.options.get('capped') === true,
    max: collection?.options.get('max'),
    maxSize: collection?.options.get('size'),
    nindexes: Object.keys(indexes).length,
    indexDetails: {},
    indexBuilds: [],
    totalIndexSize: scaled(indexBytes),
    totalSize: scaled(storage + indexBytes),
    indexSizes: Object.fromEntries(Object.entries(indexes).map(([name, size]) => [name, scaled(size)])),
    scaleFactor: scale,
  })
}

const DOCUMENT_KEY_BYTES = 10

/** Gives what documents take in the data file: their bytes and their keys. */
export function storageOf({ documents, bytes }: { readonly documents: number; readonly bytes: number }): number {
  return bytes + documents * DOCUMENT_KEY_BYTES
}

/** Reads the unit that sizes are asked in. */
export function scaleOf(given: Document): number {
  const value = given.get('scale')
  if (value === undefined || value === null) return 1
  if (!isNumber(value))
    throw new CommandError('TypeMismatch', "BSON field 'scale' is the wrong type, expected a number")
  const scale = Math.trunc(toDouble(value))
  if (!(scale >= 1)) throw new CommandError(51024, `BSON field 'scale' value must be >= 1, actual value '${scale}'`)
  return scale
}

const KNOWN = new Set(['storageStats', 'count'])
const UNSUPPORTED = new Set(['latencyStats', 'queryExecStats', 'operationStats', 'targetAllNodes'])

function collectionStatistics(specification: Document, { room, data, db, name }: Place): Document {
  const collection = collectionOf({ room, data, db, name }, '$collStats')
  for (const field of specification.keys()) {
    if (UNSUPPORTED.has(field))
      throw new CommandError(
        'CommandNotSupported',
        `$collStats with ${field} is not supported by the embedded database`,
      )
    if (!KNOWN.has(field)) throw new CommandError(40415, `BSON field '$collStats.${field}' is an unknown field.`)
  }
  const wanted = specification.get('storageStats')
  const reply = document({ ns: `${db}.${name}`, host: hostOf(room), localTime: new Date() })
  const storage = storageStatistics(data, collection, wanted instanceof Map ? scaleOf(wanted) : 1)
  if (wanted !== undefined) reply.set('storageStats', storage)
  if (specification.has('count')) reply.set('count', storage.get('count')!)
  return reply
}

function indexStatistics(place: Place): Document[] {
  const collection = collectionOf(place, '$indexStats')
  return collection.indexes.map(index => {
    const { count, since } = useOf(index)
    return document({
      name: index.name,
      key: index.raw.get('key'),
      host: hostOf(place.room),
      accesses: { ops: Long.fromNumber(count), since },
      spec: index.raw,
    })
  })
}

function collectionOf({ room, data, db, name }: Place, stage: string): Collection {
  const found = name === undefined ? undefined : room.catalog.collection(data, db, name)
  if (found?.view) throw new CommandError('CommandNotSupportedOnView', `${stage} is not supported on a view`)
  if (!found) throw new CommandError('NamespaceNotFound', `Collection [${db}.${name}] not found.`)
  return found
}

function sessions(room: Room): Document[] {
  return room.sessions.all.map(({ id, lastUsed }) => document({ _id: lsidOf(id), lastUse: new Date(lastUsed) }))
}
