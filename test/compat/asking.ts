// Asks a server the calls of the tables, and writes its answers so that two of them can be compared.
import { BSON, type Db, MongoServerError } from 'mongodb'
import { type Call, parsed } from './tables.ts'

const { EJSON } = BSON

/** The answer as text: canonical Extended JSON, or the error's code. */
export async function answerTo(db: Db, call: Call): Promise<string> {
  try {
    return await ASK[call.table]!(db, call)
  } catch (error) {
    if (error instanceof MongoServerError) return `error ${error.code}`
    throw error
  }
}

type Ask = (db: Db, call: Call) => Promise<string>

const ASK: Readonly<Record<string, Ask>> = {
  commands: askCommands,
  expressions: async (db, { text, documents }) => {
    await filled(db, documents)
    const [made] = await aggregated(db, [{ $project: { _id: 0, v: parsed(text) } }])
    return written(made)
  },
  filters: async (db, { text, documents }) => {
    await filled(db, documents)
    const { filter, ...options } = withOptions(text, 'filter')
    const found = await cursorOf(db, { find: 'c', filter, sort: { _id: 1 }, projection: { _id: 1 }, ...options })
    return written(found)
  },
  finds: async (db, { text, documents }) => {
    await filled(db, documents)
    const options = parsed(text) as object
    const found = await cursorOf(db, { find: 'c', ...('sort' in options ? {} : { sort: { _id: 1 } }), ...options })
    return written(found)
  },
  pipelines: async (db, { text, documents }) => {
    await filled(db, documents)
    const { pipeline, ...options } = withOptions(text, 'pipeline')
    const made = (await aggregated(db, pipeline as object[], options)).map(written)
    return (text.includes('$sort') || text.includes('sortBy') ? made : made.sort()).join(', ')
  },
  updates: askUpdate,
}

/** `[filter, update, options]`: what is stored afterwards counts, with the numbers of the reply. */
async function askUpdate(db: Db, { text, documents }: Call): Promise<string> {
  known.delete(db)
  await filled(db, documents)
  known.delete(db)
  const [q, u, options = {}] = parsed(text) as [object, object, object?]
  const reply = await db.command({ update: 'c', updates: [{ q, u, ...options }] }, RAW)
  const { n, nModified, upserted, writeErrors } = reply
  const codes = (writeErrors as { code: unknown }[] | undefined)?.map(({ code }) => code)
  const stored = await cursorOf(db, { find: 'c', sort: { _id: 1 } })
  return codes ? `error ${codes.join()}` : `${n}/${nModified}${upserted ? ' upserted' : ''} ${written(stored)}`
}

/** Several commands, the reply of the last one counts in what matters of it. */
async function askCommands(db: Db, { text, documents }: Call): Promise<string> {
  await db.dropDatabase()
  known.delete(db)
  await filled(db, documents)
  known.delete(db)
  const commands = parsed(text) as object[]
  let reply: object = {}
  for (const command of commands) reply = await db.command(command, RAW)
  return written(
    Object.fromEntries(
      Object.entries(reply)
        .filter(([name]) => !PASSING.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(essential),
    ),
  )
}

/** Fields of replies that differ between any two servers. */
const PASSING = new Set(['ok', 'note', '$clusterTime', 'operationTime', 'electionId', 'opTime', 'serverInfo', 'info'])

function essential([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  if (name === 'cursor') return [name, (value as { firstBatch: unknown }).firstBatch]
  if (name === 'writeErrors')
    return [name, (value as { index: unknown; code: unknown }[]).map(({ index, code }) => ({ index, code }))]
  return [name, value]
}

function withOptions(text: string, name: string): Record<string, unknown> {
  const read = parsed(text)
  const isFull = !Array.isArray(read) && Object.hasOwn(read as object, name)
  return isFull ? (read as Record<string, unknown>) : { [name]: read }
}

const RAW = { promoteValues: false, bsonRegExp: true, ignoreUndefined: false } as const

async function aggregated(db: Db, pipeline: readonly object[], options: object = {}): Promise<unknown[]> {
  return cursorOf(db, { aggregate: 'c', pipeline, cursor: {}, ...options })
}

async function cursorOf(db: Db, command: object): Promise<unknown[]> {
  const reply = await db.command(command, RAW)
  return (reply as { cursor: { firstBatch: unknown[] } }).cursor.firstBatch
}

/** What each database holds now, so that the same documents are not written again and again. */
const known = new WeakMap<Db, readonly object[]>()

async function filled(db: Db, documents: readonly object[]): Promise<void> {
  if (known.get(db) === documents) return
  await db.command({ drop: 'c' }).catch(() => undefined)
  if (documents.length > 0) await db.command({ insert: 'c', documents }, { ignoreUndefined: false })
  else await db.command({ create: 'c' })
  known.set(db, documents)
}

function written(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false })
}
