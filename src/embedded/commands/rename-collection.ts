// Gives a collection another name, also in another database.

import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { checkCollectionName, checkCommand, flagAt } from '../operation/arguments.ts'
import type { Namespace } from '../operation/namespace.ts'
import { isDatabaseName } from '../operation/request.ts'
import type { Command, Operation } from '../operation/room.ts'
import { dropCollection, renameCollection as rename } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'

export const renameCollection: Command = {
  help: 'renames a collection',
  adminOnly: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, { to: 'string', dropTarget: 'bool', stayTemp: 'bool', collectionUUID: 'any' }, ['to'])
    const from = namespaceOf(request.body.get('renameCollection'))
    const to = namespaceOf(request.body.get('to'))
    return operation.write(data => move(operation, data, { from, to }))
  },
}

function namespaceOf(value: unknown): Namespace {
  if (typeof value !== 'string') throw new CommandError('TypeMismatch', 'a namespace must be of type string')
  const dot = value.indexOf('.')
  const [db, name] = [value.slice(0, dot), value.slice(dot + 1)]
  if (dot < 1 || !isDatabaseName(db))
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${value}'`)
  checkCollectionName(db, name)
  return { db, name }
}

function move(
  { request, room }: Operation,
  data: Data,
  { from, to }: { readonly from: Namespace; readonly to: Namespace },
) {
  const source = room.catalog.collection(data, from.db, from.name)
  if (!source) throw new CommandError('NamespaceNotFound', `Source collection ${from.db}.${from.name} does not exist`)
  if (source.view) throw new CommandError('CommandNotSupportedOnView', `cannot rename view: ${source.namespace}`)
  if (from.db === to.db && from.name === to.name)
    throw new CommandError('IllegalOperation', "Can't rename a collection to itself")
  const target = room.catalog.collection(data, to.db, to.name)
  if (target && !flagAt(request.body, 'dropTarget'))
    throw new CommandError('NamespaceExists', 'target namespace exists')
  if (target) dropCollection(data, target)
  rename(data, source, to)
  return document({})
}
