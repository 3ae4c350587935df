// Changes the options of a collection, a view or an index.

import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, checkFields, collectionName, flagAt, numberAt, objectAt } from '../operation/arguments.ts'
import { cappedSize } from '../operation/collection-kinds.ts'
import { checkValidator, checkViewPipeline, setImages } from '../operation/collection-options.ts'
import { existing } from '../operation/namespace.ts'
import type { Command, Operation } from '../operation/room.ts'
import type { Collection, Index } from '../store/catalog.ts'
import { changeIndex, renewIndex, setOptions } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'
import { buildIndexes } from '../store/index-creation.ts'
import { duplicatesIn } from '../store/index-duplicates.ts'
import { findIndex } from '../store/index-names.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import { trim } from './convert-to-capped.ts'

export const collMod: Command = {
  help: 'changes the options of a collection',
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS)
    const name = collectionName(request)
    return operation.write(data => modify(operation, data, name))
  },
}

const FIELDS = {
  index: 'object',
  validator: 'object',
  validationLevel: 'string',
  validationAction: 'string',
  viewOn: 'string',
  pipeline: 'array',
  changeStreamPreAndPostImages: 'object',
  expireAfterSeconds: 'any',
  cappedSize: 'number',
  cappedMax: 'number',
  timeseries: 'object',
  dryRun: 'bool',
} as const

const COLLECTION_OPTIONS = ['validator', 'validationLevel', 'validationAction'] as const
const VIEW_OPTIONS = ['viewOn', 'pipeline'] as const

function modify(operation: Operation, data: Data, name: string): Document {
  const { request, room } = operation
  const collection = existing(room, data, { db: request.db, name })
  changeOptions(operation, data, collection)
  const index = objectAt(request.body, 'index')
  return index ? modifyIndex(operation, data, { name, asked: index }) : new Map()
}

function changeOptions(operation: Operation, data: Data, collection: Collection): void {
  const { body } = operation.request
  const options: Document = new Map(collection.options)
  const names = collection.view ? VIEW_OPTIONS : COLLECTION_OPTIONS
  const wrong = [...COLLECTION_OPTIONS, ...VIEW_OPTIONS].find(
    field => body.has(field) && !(names as readonly string[]).includes(field),
  )
  if (wrong !== undefined)
    throw new CommandError(
      'InvalidOptions',
      `option ${wrong} not supported on ${collection.view ? 'a view' : 'a collection'}`,
    )
  for (const field of names) if (body.has(field)) options.set(field, body.get(field)!)
  if ((options.get('validator') as Document | undefined)?.size === 0) options.delete('validator')
  setImages(body, options)
  changeKind(body, collection, options)
  checkValidator(options)
  if (collection.view) checkViewPipeline(operation, options)
  setOptions(data, collection, options)
  if (body.has('cappedSize') || body.has('cappedMax')) trim(data, existing(operation.room, data, collection))
}

/** Changes the limits of a capped collection, and how long a clustered one or time series are kept. */
function changeKind(body: Document, collection: Collection, options: Document): void {
  if ((body.has('cappedSize') || body.has('cappedMax')) && options.get('capped') !== true)
    throw new CommandError('InvalidOptions', 'Collection must be capped.')
  if (body.has('cappedSize')) options.set('size', cappedSize(body.get('cappedSize')))
  const max = numberAt(body, 'cappedMax')
  if (max !== undefined && max > 0) options.set('max', BigInt(Math.trunc(max)))
  else if (max !== undefined) options.delete('max')
  const seconds = body.get('expireAfterSeconds')
  if (seconds === undefined) return
  if (!collection.options.has('timeseries') && !collection.options.has('clusteredIndex'))
    throw new CommandError(
      'InvalidOptions',
      "'expireAfterSeconds' is only supported on a clustered index or a time-series collection",
    )
  if (seconds === 'off') options.delete('expireAfterSeconds')
  else options.set('expireAfterSeconds', told(seconds))
}

const INDEX_FIELDS = {
  keyPattern: 'object',
  name: 'string',
  expireAfterSeconds: 'number',
  hidden: 'bool',
  unique: 'bool',
  prepareUnique: 'bool',
} as const

function modifyIndex(
  operation: Operation,
  data: Data,
  { name, asked }: { readonly name: string; readonly asked: Document },
): Document {
  const { request, room } = operation
  const collection = existing(room, data, { db: request.db, name })
  checkFields(asked, { name: 'collMod.index', fields: INDEX_FIELDS })
  if (asked.has('name') === asked.has('keyPattern'))
    throw new CommandError('InvalidOptions', 'Must specify either index name or key pattern, and not both')
  const index = findIndex(collection, asked.get('name') ?? asked.get('keyPattern'))
  if (!index)
    throw new CommandError(
      'IndexNotFound',
      `cannot find index ${textOf(asked.get('name') ?? asked.get('keyPattern'))} for ns ${collection.namespace}`,
    )
  if (asked.has('unique')) return makeUnique(operation, data, { collection, index, asked })
  if (index.name === '_id_' && asked.get('hidden') === true) throw new CommandError('BadValue', "can't hide _id index")
  const spec: Document = new Map(index.raw)
  const reply: Document = new Map<string, Value>()
  for (const field of ['expireAfterSeconds', 'hidden', 'prepareUnique'])
    if (asked.has(field) && numberOf(spec, field) !== numberOf(asked, field)) {
      if (spec.has(field) || field !== 'expireAfterSeconds') reply.set(`${field}_old`, told(spec.get(field) ?? false))
      reply.set(`${field}_new`, told(asked.get(field)!))
      spec.set(field, asked.get(field)!)
    }
  for (const field of ['hidden', 'prepareUnique']) if (spec.get(field) === false) spec.delete(field)
  changeIndex(data, collection, { id: index.id, spec, multikey: index.multikey, truncated: index.truncated })
  return reply
}

/** An index that has refused new duplicates becomes unique when no old ones are left. */
function makeUnique(
  { request, room }: Operation,
  data: Data,
  { collection, index, asked }: { readonly collection: Collection; readonly index: Index; readonly asked: Document },
): Document {
  if (!flagAt(asked, 'unique')) throw new CommandError('BadValue', 'A unique index cannot be made non-unique')
  if (index.unique) return new Map()
  const isTrial = flagAt(request.body, 'dryRun')
  if (!index.prepareUnique && !isTrial)
    throw new CommandError(
      'InvalidOptions',
      `Cannot make index '${index.name}' unique with the 'unique: true' option: set 'prepareUnique: true' first`,
    )
  const violations = duplicatesIn(data, collection, index)
  if (violations.length > 0)
    throw new CommandError(
      'CannotConvertIndexToUnique',
      'Cannot convert the index to unique. Please resolve conflicting documents before running collMod again.',
      { fields: new Map([['violations', violations]]) },
    )
  if (isTrial) return new Map()
  const spec: Document = new Map(index.raw)
  spec.delete('prepareUnique')
  renewIndex(data, collection, index, { spec: spec.set('unique', true), multikey: [], truncated: false })
  const renewed = room.catalog.collection(data, collection.db, collection.name)!
  buildIndexes(
    data,
    renewed,
    renewed.indexes.filter(({ name }) => name === index.name),
  )
  return new Map([['unique_new', true]])
}

/** Seconds are told as 64-bit integers. */
function told(value: Value): Value {
  return isNumber(value) ? BigInt(Math.trunc(toDouble(value))) : value
}

function numberOf(document: Document, field: string): number {
  return numberAt(document, field) ?? (document.get(field) === true ? 1 : 0)
}
