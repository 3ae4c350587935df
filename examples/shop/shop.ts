// Opens the database of the shop, with the collections of a topic empty: each topic begins anew.
import { connect } from 'goose-odm'

interface Emptied {
  collection(): Promise<{ deleteMany(filter: object): Promise<unknown> }>
  syncIndexes(): Promise<unknown>
}

/** Connects to `MONGODB_URI`, or to the embedded database beside this file. */
export async function open(...models: readonly Emptied[]): Promise<void> {
  const { uri, db } = await connect(process.env.MONGODB_URI ?? `embedded:${import.meta.dirname}/.goose/data`)
  if (!uri.startsWith('embedded:') && !db.databaseName.startsWith('shop'))
    throw new Error(`these examples empty their collections: name a database shop…, not ${db.databaseName}`)
  for (const model of models) {
    await (await model.collection()).deleteMany({})
    await model.syncIndexes()
  }
}

/** Gives the moment so many days ago. */
export function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000)
}
