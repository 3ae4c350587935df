// Runs find, update, delete and their like on documents in memory, to test what they mean without a server.
import { ObjectId } from 'mongodb'
import { compilePipeline } from '../../src/embedded/aggregate/pipeline.ts'
import { type Document, int32, type Value } from '../../src/embedded/bson/decode.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { compileFilter } from '../../src/embedded/match/filter.ts'
import { compileProjection } from '../../src/embedded/project/projection.ts'
import { withId } from '../../src/embedded/update/replacement.ts'
import { compileUpdate } from '../../src/embedded/update/update.ts'
import { upsertSeed } from '../../src/embedded/update/upsert.ts'
import { collationOf } from '../../src/embedded/values/collation.ts'
import { type NumberValue, toDouble } from '../../src/embedded/values/numbers.ts'
import { compileSort } from '../../src/embedded/values/sort.ts'

export type Collections = Map<string, Document[]>

/** Runs a command, or gives undefined for one that is not known here. */
export function runInMemory(collections: Collections, command: Document): Document | undefined {
  const [name, target] = command.entries().next().value as [string, Value]
  const documents = collections.get(String(target)) ?? []
  if (name === 'find') return find(documents, command)
  if (name === 'aggregate') return aggregate(collections, command)
  if (name === 'update') return updateMany(collections, command)
  if (name === 'delete') return remove(collections, command)
  if (name === 'findAndModify') return findAndModify(collections, command)
  return undefined
}

function part(command: Document, name: string): Document | undefined {
  const value = command.get(name)
  if (value === undefined) return undefined
  if (!(value instanceof Map)) throw new CommandError('TypeMismatch', `${name} is no document`)
  return value
}

function optionsOf(command: Document, variables = part(command, 'let')) {
  return { collation: collationOf(part(command, 'collation')), variables, now: new Date() }
}

function cursor(firstBatch: Value[]): Document {
  return new Map<string, Value>([['cursor', new Map<string, Value>([['firstBatch', firstBatch]])]])
}

function find(documents: readonly Document[], command: Document): Document {
  const options = optionsOf(command)
  const filter = compileFilter(part(command, 'filter') ?? new Map(), options)
  const sort = compileSort(part(command, 'sort') ?? new Map(), options.collation)
  const projection = compileProjection(part(command, 'projection') ?? new Map(), { ...options, filter })
  const skip = Number(command.get('skip') ?? 0)
  const limit = Number(command.get('limit') ?? 0) || documents.length
  const found = documents.filter(filter.matches)
  if (part(command, 'sort')) found.sort(sort.compare)
  return cursor(found.slice(skip, skip + limit).map(projection.apply))
}

function aggregate(collections: Collections, command: Document): Document {
  const options = optionsOf(command)
  const source = {
    db: 'test',
    documents: (_db: string, collection: string, wanted: { filter?: Document | undefined } = {}) =>
      (collections.get(collection) ?? []).filter(compileFilter(wanted.filter ?? new Map(), options).matches),
  }
  const pipeline = compilePipeline(command.get('pipeline') as Value[], { ...options, source })
  return cursor([...pipeline.run(collections.get(String(command.get('aggregate'))) ?? [])])
}

interface Outcome {
  readonly matched: number
  readonly modified: number
  readonly upserted?: Value
  readonly before?: Document | undefined
  readonly after?: Document | undefined
}

function updateOne(collections: Collections, target: string, statement: Document, variables?: Document): Outcome {
  const options = optionsOf(statement, variables)
  const query = part(statement, 'q')!
  const filter = compileFilter(query, options)
  const constants = part(statement, 'c')
  const update = compileUpdate(statement.get('u') as Document | Value[], {
    ...options,
    filter,
    variables: new Map([...(variables ?? []), ...(constants ?? [])]),
    arrayFilters: (statement.get('arrayFilters') as Value[]) ?? [],
  })
  const multi = statement.get('multi') === true
  if (multi && update.kind === 'replacement')
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update')
  const documents = collections.get(target) ?? []
  const matched = documents.filter(filter.matches)
  const sort = part(statement, 'sort')
  if (sort) matched.sort(compileSort(sort, options.collation).compare)
  const chosen = multi ? matched : matched.slice(0, 1)
  if (chosen.length === 0 && statement.get('upsert') === true) {
    const made = update.apply(upsertSeed(query), { inserting: true })
    const inserted = withId(made.get('_id') ?? new ObjectId(), made)
    collections.set(target, [...documents, inserted])
    return { matched: 0, modified: 0, upserted: inserted.get('_id')!, after: inserted }
  }
  const changed = chosen.map(document => update.apply(document))
  collections.set(
    target,
    documents.map(document => changed[chosen.indexOf(document)] ?? document),
  )
  const modified = changed.filter((document, index) => document !== chosen[index]).length
  return { matched: chosen.length, modified, before: chosen[0], after: changed[0] }
}

function updateMany(collections: Collections, command: Document): Document {
  const errors: Value[] = []
  const upserted: Value[] = []
  let n = 0
  let modified = 0
  for (const [index, statement] of (command.get('updates') as Document[]).entries()) {
    try {
      const outcome = updateOne(collections, String(command.get('update')), statement, part(command, 'let'))
      n += outcome.matched + (outcome.upserted === undefined ? 0 : 1)
      modified += outcome.modified
      if (outcome.upserted !== undefined)
        upserted.push(
          new Map<string, Value>([
            ['index', int32(index)],
            ['_id', outcome.upserted],
          ]),
        )
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      errors.push(
        new Map<string, Value>([
          ['index', int32(index)],
          ['code', int32(error.code)],
          ['errmsg', error.message],
        ]),
      )
      if (command.get('ordered') !== false) break
    }
  }
  const reply: Document = new Map([
    ['n', int32(n)],
    ['nModified', int32(modified)],
  ])
  if (errors.length > 0) reply.set('writeErrors', errors)
  if (upserted.length > 0) reply.set('upserted', upserted)
  return reply
}

function remove(collections: Collections, command: Document): Document {
  let n = 0
  const target = String(command.get('delete'))
  for (const statement of command.get('deletes') as Document[]) {
    const limit = toDouble(statement.get('limit') as NumberValue)
    if (limit !== 0 && limit !== 1)
      throw new CommandError('FailedToParse', 'The limit field in delete objects must be 0 or 1.')
    const filter = compileFilter(part(statement, 'q')!, optionsOf(statement, part(command, 'let')))
    const documents = collections.get(target) ?? []
    const found = documents.filter(filter.matches).slice(0, limit === 1 ? 1 : undefined)
    n += found.length
    collections.set(
      target,
      documents.filter(document => !found.includes(document)),
    )
  }
  return new Map([['n', int32(n)]])
}

function findAndModify(collections: Collections, command: Document): Document | undefined {
  if (command.get('remove') !== undefined) return undefined
  const update = command.get('update')!
  if (!(update instanceof Map) && !Array.isArray(update))
    throw new CommandError('FailedToParse', 'update must be an object or array')
  const statement = new Map<string, Value>([...command, ['q', command.get('query') ?? new Map()], ['u', update]])
  const fields = compileProjection(part(command, 'fields') ?? new Map(), {
    ...optionsOf(command),
    filter: compileFilter(part(statement, 'q')!, optionsOf(command)),
  })
  const outcome = updateOne(collections, String(command.get('findAndModify')), statement, part(command, 'let'))
  const value = command.get('new') === true ? outcome.after : outcome.before
  const last: Document = new Map<string, Value>([
    ['n', int32(outcome.upserted === undefined ? outcome.matched : 1)],
    ['updatedExisting', outcome.matched > 0],
  ])
  if (outcome.upserted !== undefined) last.set('upserted', outcome.upserted)
  return new Map<string, Value>([
    ['lastErrorObject', last],
    ['value', value === undefined ? null : fields.apply(value)],
  ])
}
