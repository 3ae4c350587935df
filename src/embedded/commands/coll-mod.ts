// Changes the options of a collection, a view or an index.

import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, checkFields, collectionName, numberAt, objectAt } from '../operation/arguments.ts'
import { checkValidator, checkViewPipeline } from '../operation/collection-options.ts'
import { existing } from '../operation/namespace.ts'
import type { Command, Operation } from '../operation/room.ts'
import type { Collection } from '../store/catalog.ts'
import { changeIndex, setOptions } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'
import { findIndex } from '../store/index-names.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'

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
  dryRun: 'bool',
} as const

const COLLECTION_OPTIONS = ['validator', 'validationLevel', 'validationAction'] as const
const VIEW_OPTIONS = ['viewOn', 'pipeline'] as const

function modify(operation: Operation, data: Data, name: string): Document {
  const { request, room } = operation
  const collection = existing(room, data, { db: request.db, name })
  changeOptions(operation, data, collection)
  const index = objectAt(request.body, 'index')
  return index ? modifyIndex(data, existing(room, data, { db: request.db, name }), index) : new Map()
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
  checkValidator(options)
  if (collection.view) checkViewPipeline(operation, options)
  setOptions(data, collection, options)
}

const INDEX_FIELDS = {
  keyPattern: 'object',
  name: 'string',
  expireAfterSeconds: 'number',
  hidden: 'bool',
  unique: 'bool',
  prepareUnique: 'bool',
} as const

function modifyIndex(data: Data, collection: Collection, asked: Document): Document {
  checkFields(asked, { name: 'collMod.index', fields: INDEX_FIELDS })
  const index = findIndex(collection, asked.get('name') ?? asked.get('keyPattern'))
  if (!index)
    throw new CommandError(
      'IndexNotFound',
      `cannot find index ${textOf(asked.get('name') ?? asked.get('keyPattern'))} for ns ${collection.namespace}`,
    )
  if (asked.has('unique') || asked.has('prepareUnique'))
    throw new CommandError('CommandNotSupported', 'the embedded database does not turn an index into a unique one')
  if (index.name === '_id_' && asked.get('hidden') === true) throw new CommandError('BadValue', "can't hide _id index")
  const spec: Document = new Map(index.raw)
  const reply: Document = new Map<string, Value>()
  for (const field of ['expireAfterSeconds', 'hidden'])
    if (asked.has(field) && numberOf(spec, field) !== numberOf(asked, field)) {
      if (spec.has(field) || field === 'hidden') reply.set(`${field}_old`, told(spec.get(field) ?? false))
      reply.set(`${field}_new`, told(asked.get(field)!))
      spec.set(field, asked.get(field)!)
    }
  if (spec.get('hidden') === false) spec.delete('hidden')
  changeIndex(data, collection, { id: index.id, spec, multikey: index.multikey, truncated: index.truncated })
  return reply
}

/** Seconds are told as 64-bit integers. */
function told(value: Value): Value {
  return isNumber(value) ? BigInt(Math.trunc(toDouble(value))) : value
}

function numberOf(document: Document, field: string): number {
  return numberAt(document, field) ?? (document.get(field) === true ? 1 : 0)
}
