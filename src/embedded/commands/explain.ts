// Explains how a command finds its documents, and on request what that examined.

import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collationAt, collectionName, flagAt, objectAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { type Explaining, explained } from '../query/explanation.ts'
import { nameOf } from './aggregate.ts'
import { countAsked } from './count.ts'
import { explainPipeline } from './explain-aggregate.ts'
import { askedOf, checkFind } from './find.ts'

export const explain: Command = {
  help: 'says how a command finds its documents',
  run: operation => {
    const { request } = operation
    checkCommand(request, { explain: 'object', verbosity: 'string' })
    const body = objectAt(request.body, 'explain') ?? new Map()
    const name = body.keys().next().value ?? ''
    const inner = { ...operation, request: { name, body, db: request.db, documents: new Map() } }
    const isExecuted = (request.body.get('verbosity') ?? 'allPlansExecution') !== 'queryPlanner'
    if (name === 'aggregate') return explainPipeline(inner, nameOf(inner), { isExecuted })
    const asking = EXPLAINABLE.get(name)
    if (asking === undefined)
      throw new CommandError('CommandNotFound', `Explain failed due to unknown command: ${name}`)
    return explained(inner, collectionName(inner.request), { ...asking(inner), isExecuted })
  },
}

type Asking = (operation: Operation) => Omit<Explaining, 'isExecuted'>

const EXPLAINABLE = new Map<string, Asking>([
  ['find', operation => askingFind(operation)],
  ['count', operation => ({ action: 'count', asked: unlimited(countAsked(operation, undefined)) })],
  ['distinct', ({ request: { body } }) => ({ action: 'find', asked: askedAt(body, 'query') })],
  ['update', operation => askingWrite(operation, 'update')],
  ['delete', operation => askingWrite(operation, 'delete')],
  ['findAndModify', operation => askingModify(operation)],
  ['findandmodify', operation => askingModify(operation)],
])

function askingFind(operation: Operation): Omit<Explaining, 'isExecuted'> {
  checkFind(operation)
  return { action: 'find', asked: askedOf(operation, undefined) }
}

function askingModify({ request: { body } }: Operation): Omit<Explaining, 'isExecuted'> {
  const asked = { ...askedAt(body, 'query'), sort: objectAt(body, 'sort'), limit: 1 }
  return { action: flagAt(body, 'remove') ? 'delete' : 'update', asked }
}

function askingWrite({ request: { body } }: Operation, action: 'update' | 'delete'): Omit<Explaining, 'isExecuted'> {
  const statements = body.get(`${action}s`)
  const statement = Array.isArray(statements) && statements.length === 1 ? statements[0] : undefined
  if (!(statement instanceof Map)) throw new CommandError('InvalidLength', 'explained write batches must be of size 1')
  const isMany = action === 'update' ? flagAt(statement, 'multi') : !flagAt(statement, 'limit')
  return { action, asked: { ...askedAt(statement, 'q'), ...(isMany ? {} : { limit: 1 }) } }
}

function askedAt(body: Document, field: string): Explaining['asked'] {
  const hint: Value | undefined = body.get('hint') ?? undefined
  return unlimited({ filter: objectAt(body, field) ?? new Map(), hint, collation: collationAt(body) })
}

function unlimited(asked: Pick<Explaining['asked'], 'filter' | 'hint' | 'collation'>): Explaining['asked'] {
  return { ...asked, skip: 0, limit: Number.POSITIVE_INFINITY }
}
