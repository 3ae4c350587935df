// Turns reads of a view into pipelines on the collection below it.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import type { Room } from './room.ts'

const MOST_VIEWS = 20

/** What a name stands for: the collection at the bottom, and the stages of all views on the way. */
export interface Resolved {
  readonly name: string
  readonly collection: Collection | undefined
  readonly pipeline: readonly Value[]
  readonly collation: Collection['collation']
}

export function resolve(
  room: Room,
  data: Data,
  { db, name }: { readonly db: string; readonly name: string },
): Resolved {
  const top = room.catalog.collection(data, db, name)
  let found = { name, collection: top }
  let pipeline: readonly Value[] = []
  for (let depth = 0; found.collection?.view; depth++) {
    if (depth >= MOST_VIEWS) throw new CommandError(165, `View depth limit exceeded; maximum depth is ${MOST_VIEWS}`)
    const { on, pipeline: own } = found.collection.view
    pipeline = [...own, ...pipeline]
    found = { name: on, collection: room.catalog.collection(data, db, on) }
  }
  return { ...found, pipeline, collation: top?.collation }
}

/** Gives the stages that answer a find on a view. */
export function pipelineOfFind(body: Document): Value[] {
  const stages: Value[] = []
  const add = (stage: string, value: Value | undefined) => value !== undefined && stages.push(new Map([[stage, value]]))
  for (const field of ['returnKey', 'showRecordId', 'min', 'max'])
    if (body.has(field)) throw new CommandError('CommandNotSupportedOnView', `find on a view does not support ${field}`)
  add('$match', nonEmpty(body.get('filter')))
  add('$sort', nonEmpty(body.get('sort')))
  if (Number(body.get('skip') ?? 0) > 0) add('$skip', body.get('skip'))
  if (Number(body.get('limit') ?? 0) > 0) add('$limit', body.get('limit'))
  add('$project', nonEmpty(body.get('projection')))
  return stages
}

/** Gives the stages that answer a count on a view. */
export function pipelineOfCount(body: Document): Value[] {
  const stages: Value[] = []
  const query = nonEmpty(body.get('query'))
  if (query) stages.push(new Map([['$match', query]]))
  if (Number(body.get('skip') ?? 0) > 0) stages.push(new Map([['$skip', body.get('skip')!]]))
  if (Number(body.get('limit') ?? 0) > 0) stages.push(new Map([['$limit', body.get('limit')!]]))
  const counting = new Map<string, Value>([
    ['_id', null],
    ['n', new Map([['$sum', int32(1)]])],
  ])
  return [...stages, new Map([['$group', counting]])]
}

function nonEmpty(value: Value | undefined): Value | undefined {
  return value instanceof Map && value.size > 0 ? value : undefined
}
