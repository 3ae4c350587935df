// Creates a collection or a view.

import type { Document } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collectionName, objectAt } from '../operation/arguments.ts'
import { kindOptions } from '../operation/collection-kinds.ts'
import { checkValidator, checkViewPipeline, setImages } from '../operation/collection-options.ts'
import type { Command, Operation } from '../operation/room.ts'
import { addCollection, addIndexes } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'
import { collationOf } from '../values/collation.ts'
import { equalValues } from '../values/values.ts'

export const create: Command = {
  help: 'creates a collection or a view',
  inTransactions: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS)
    const name = collectionName(request)
    refuseKinds(request.body)
    const options = optionsOf(operation)
    return operation.write(data => add(operation, data, { name, options }))
  },
}

const FIELDS = {
  capped: 'bool',
  autoIndexId: 'bool',
  idIndex: 'object',
  size: 'number',
  max: 'number',
  storageEngine: 'object',
  validator: 'object',
  validationLevel: 'string',
  validationAction: 'string',
  indexOptionDefaults: 'object',
  viewOn: 'string',
  pipeline: 'array',
  collation: 'object',
  timeseries: 'object',
  clusteredIndex: 'any',
  expireAfterSeconds: 'any',
  changeStreamPreAndPostImages: 'object',
  encryptedFields: 'object',
  temp: 'bool',
  flags: 'any',
} as const

const KEPT = ['validator', 'validationLevel', 'validationAction', 'viewOn', 'pipeline', 'collation'] as const

function refuseKinds(body: Document): void {
  if (body.has('encryptedFields'))
    throw new CommandError('CommandNotSupported', 'the embedded database does not support encrypted collections')
}

function optionsOf(operation: Operation): Document {
  const { body } = operation.request
  const options: Document = kindOptions(body)
  for (const field of KEPT) if (body.has(field)) options.set(field, body.get(field)!)
  setImages(body, options)
  checkValidator(options)
  const collation = collationOf(objectAt(body, 'collation'))
  if (collation) options.set('collation', collation.spec)
  else options.delete('collation')
  if (options.has('viewOn')) {
    refuseCycle(operation, options.get('viewOn') as string)
    checkViewPipeline(operation, options)
  }
  if (!options.has('viewOn') && options.has('pipeline'))
    throw new CommandError('InvalidOptions', "'pipeline' requires 'viewOn' to also be specified")
  return options
}

/** A new view can close a cycle only where something is already a view on its name. */
function refuseCycle({ request, room, data }: Operation, on: string): void {
  const name = collectionName(request)
  for (let below: string | undefined = on; below !== undefined; ) {
    if (below === name) throw new CommandError('GraphContainsCycle', `View cycle detected: ${request.db}.${name}`)
    below = room.catalog.collection(data, request.db, below)?.view?.on
  }
}

interface Wanted {
  readonly name: string
  readonly options: Document
}

function add(operation: Operation, data: Data, { name, options }: Wanted): Document {
  const { request, room } = operation
  const found = room.catalog.collection(data, request.db, name)
  if (!found) addNew(operation, data, { name, options })
  else if (!equalValues(found.options, options))
    throw new CommandError('NamespaceExists', `namespace ${found.namespace} already exists, but with different options`)
  return document({})
}

/** Time series are found by where they come from and when, so that index is made with them. */
function addNew({ request, room }: Operation, data: Data, { name, options }: Wanted): void {
  addCollection(data, { db: request.db, name }, options)
  const series = objectAt(options, 'timeseries')
  if (!series?.has('metaField')) return
  const [meta, time] = [String(series.get('metaField')), String(series.get('timeField'))]
  const spec = document({ v: 2, key: { [meta]: 1, [time]: 1 }, name: `${meta}_1_${time}_1` })
  const collection = room.catalog.collection(data, request.db, name)!
  addIndexes(data, collection, [{ spec, multikey: [], truncated: false }])
}
