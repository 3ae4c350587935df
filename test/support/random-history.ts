// Makes random histories of one collection: what is asked of a database, and what must be there after each step.
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'
import { pick, type Random, randomFrom } from './random-values.ts'

export interface Row {
  readonly _id: number
  readonly n: number
}

/** What is there, by _id. */
export type Rows = Map<number, number>

interface Step {
  /** Changes the model. */
  model(rows: Rows): void
  /** Asks the same of a database. */
  ask(place: Place): Promise<unknown>
}

interface Place {
  readonly client: MongoClient
  readonly db: Db
  readonly rows: Collection<Row>
}

/** Gives the steps of a seed, without end. */
export function* historyOf(seed: number): Generator<Step> {
  const random = randomFrom(seed)
  for (;;) yield stepOf(random)
}

/** Gives what is there after so many steps. */
export function rowsAfter(seed: number, count: number): Rows {
  const rows: Rows = new Map()
  const steps = historyOf(seed)
  for (let step = 0; step < count; step++) (steps.next().value as Step).model(rows)
  return rows
}

function stepOf(random: Random): Step {
  const ids = Array.from({ length: 3 }, () => Math.floor(random() * 40))
  const n = Math.floor(random() * 1000)
  return pick(random, [put, put, put, remove, several, several, together, together, index, unindex, rarely(drop)])(
    ids,
    n,
  )
}

type Make = (ids: readonly number[], n: number) => Step

const put: Make = ([_id], n) => ({
  model: rows => rows.set(_id!, n),
  ask: ({ rows }) => rows.updateOne({ _id: _id! }, { $set: { n } }, { upsert: true }),
})

const remove: Make = ([_id]) => ({
  model: rows => rows.delete(_id!),
  ask: ({ rows }) => rows.deleteOne({ _id: _id! }),
})

const several: Make = ([from], n) => ({
  model: rows => {
    for (const [_id, old] of rows) if (_id >= from!) rows.set(_id, old + n)
  },
  ask: ({ rows }) => rows.updateMany({ _id: { $gte: from! } }, { $inc: { n } }),
})

/** Two documents written and one removed, or none of it. */
const together: Make = ([a, b, c], n) => ({
  model: rows => {
    rows.set(a!, n).set(b!, -n)
    rows.delete(c!)
  },
  ask: ({ client, rows }) =>
    client.withSession(session =>
      session.withTransaction(() => transaction(rows, session, { a: a!, b: b!, c: c!, n })),
    ),
})

async function transaction(
  rows: Collection<Row>,
  session: ClientSession,
  { a, b, c, n }: { readonly a: number; readonly b: number; readonly c: number; readonly n: number },
): Promise<void> {
  await rows.updateOne({ _id: a }, { $set: { n } }, { upsert: true, session })
  await rows.updateOne({ _id: b }, { $set: { n: -n } }, { upsert: true, session })
  await rows.deleteOne({ _id: c }, { session })
}

const index: Make = () => ({ model: () => {}, ask: ({ rows }) => rows.createIndex({ n: 1, _id: -1 }) })

const unindex: Make = () => ({ model: () => {}, ask: ({ rows }) => rows.dropIndexes().catch(() => undefined) })

const drop: Make = () => ({
  model: rows => rows.clear(),
  ask: ({ rows }) => rows.drop(),
})

/** Most of the time another step is taken. */
function rarely(make: Make): Make {
  return (ids, n) => (n < 200 ? make(ids, n) : put(ids, n))
}
