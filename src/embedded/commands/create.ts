// Creates a collection or a view.

import type { Document, Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collectionName, flagAt, objectAt } from '../operation/arguments.ts'
import { checkValidator, checkViewPipeline } from '../operation/collection-options.ts'
import type { Command, Operation } from '../operation/room.ts'
import { addCollection } from '../store/catalog-changes.ts'
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
  const refuse = (kind: string) => {
    throw new CommandError('CommandNotSupported', `the embedded database does not support ${kind}`)
  }
  if (flagAt(body, 'capped')) refuse('capped collections')
  if (body.has('timeseries')) refuse('time series collections')
  if (body.has('clusteredIndex')) refuse('clustered collections')
  if (body.has('encryptedFields')) refuse('encrypted collections')
  const images = objectAt(body, 'changeStreamPreAndPostImages')
  if (images && flagAt(images, 'enabled')) refuse('pre- and post-images of change streams')
  if (body.has('size'))
    throw new CommandError('InvalidOptions', "the 'size' field is only allowed when 'capped' is true")
  if (body.has('max')) throw new CommandError('InvalidOptions', "the 'max' field is only allowed when 'capped' is true")
}

function optionsOf(operation: Operation): Document {
  const { body } = operation.request
  const options: Document = new Map<string, Value>()
  for (const field of KEPT) if (body.has(field)) options.set(field, body.get(field)!)
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

function add(
  { request, room }: Operation,
  data: Data,
  { name, options }: { readonly name: string; readonly options: Document },
): Document {
  const found = room.catalog.collection(data, request.db, name)
  if (!found) addCollection(data, { db: request.db, name }, options)
  else if (!equalValues(found.options, options))
    throw new CommandError('NamespaceExists', `namespace ${found.namespace} already exists, but with different options`)
  return document({})
}
