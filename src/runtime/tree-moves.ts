// Moves in a tree, one after the other, so that two of them never close a circle between them.
import { CycleRefused, GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { isOperators, isPlain } from '../models/plain.ts'
import type { Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import type { SentUpdate } from '../models/update.ts'
import { storedFrom } from './codec.ts'
import { hasTransactions } from './connection.ts'
import { currentTransaction } from './context.ts'
import type { RuntimeModel } from './document.ts'
import { readAll, run } from './execute.ts'
import { outside, transaction } from './transaction.ts'
import { lineOf } from './tree.ts'

/** Does what moves documents in a tree: in a transaction, where there are some. */
export async function asMove<T>(definition: ModelDefinition, act: () => Promise<T>): Promise<T> {
  const { connection } = definition
  if (currentTransaction() || !(await hasTransactions(connection))) return act()
  return transaction(act, { connection })
}

/** Makes other moves of the tree wait, or begin again, until the transaction ends; outside of one it does nothing. */
export async function lockTree(definition: ModelDefinition): Promise<void> {
  if (!currentTransaction()) return
  const locks: ModelDefinition = { ...definition, collection: '_goose_locks' }
  const filter = { _id: `tree:${definition.collection}` as never }
  const make = () => ({ $setOnInsert: { holder: null, moves: 0 } })
  await outside(() =>
    run(locks, { operation: 'update', filter }, collection => collection.updateOne(filter, make(), { upsert: true })),
  )
  await run(locks, { operation: 'update', filter }, (collection, session) =>
    collection.updateOne(filter, { $inc: { moves: 1 } }, session),
  )
}

/** Does an update of documents that may move them in their tree. Throws `CycleRefused` where that would close a circle. */
export async function moving<T>(
  model: RuntimeModel,
  { plan, sent }: { readonly plan: Plan; readonly sent: SentUpdate },
  act: () => Promise<T>,
): Promise<T> {
  const { definition } = model
  const parents = newParentsIn(definition, sent)
  if (parents.length === 0) return act()
  return asMove(definition, async () => {
    await lockTree(definition)
    for (const parent of parents) await refuseCircle(model, plan, parent)
    return act()
  })
}

/** Gives the parents that an update sets; none where it moves nothing. Throws `INVALID_UPDATE` where only the server knows them. */
export function newParentsIn(definition: ModelDefinition, sent: SentUpdate): readonly unknown[] {
  const { tree } = settingsOf(definition)
  if (!tree) return []
  const parts = Array.isArray(sent) ? sent : [sent]
  return parts
    .flatMap(part => Object.entries(part))
    .flatMap(([name, operand]) => parentsBy(definition, tree.parent, { name, operand }))
}

function parentsBy(
  definition: ModelDefinition,
  path: string,
  { name, operand }: { readonly name: string; readonly operand: unknown },
): readonly unknown[] {
  const isReplaced = name === '$replaceWith' || name === '$replaceRoot' || name === '$project'
  if (!isReplaced && !touches(operand, path)) return []
  if (name === '$unset' || name === '$setOnInsert') return []
  const value = isPlain(operand) ? operand[path] : undefined
  const given = isPlain(value) && '$literal' in value ? value.$literal : value
  const isAssigned = name === '$set' || name === '$addFields'
  if (isAssigned && !isOperators(given) && !(typeof given === 'string' && given.startsWith('$')))
    return given === null ? [] : [given]
  throw new GooseError('INVALID_UPDATE', {
    model: definition.name,
    reason: `${name} could make a document of the tree its own ancestor`,
    hint: `set "${path}" to a value by $set, or load the documents and save them`,
  })
}

function touches(operand: unknown, path: string): boolean {
  if (typeof operand === 'string') return operand === path
  if (Array.isArray(operand)) return operand.includes(path)
  return isPlain(operand) && (path in operand || Object.values(operand).includes(path))
}

// A document becomes its own ancestor when it is the new parent, or above that.
async function refuseCircle(model: RuntimeModel, plan: Plan, parent: unknown): Promise<void> {
  const line = await lineOf(model, parent)
  if (line.length === 0) return
  const among = { ...plan, filters: [...plan.filters, { _id: { $in: line.map(document => document._id) } }] }
  const [bytes] = await readAll(model.definition, { ...among, limit: 1, select: ['_id'], populate: [] })
  if (!bytes) return
  const id = String(storedFrom(bytes)._id)
  const above = line.map(document => String(document._id))
  const cycle = [...above.slice(0, above.indexOf(id) + 1).reverse(), id].join(' > ')
  throw new CycleRefused({ model: model.modelName, id, cycle })
}
