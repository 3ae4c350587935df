// Looks into the database of a project between two runs of goose.
import { type Db, MongoClient } from 'mongodb'
import { startEmbedded } from '../../src/embedded/index.ts'
import type { CliProject } from './cli.ts'

/** Opens the database of a project, lets `look` at it, and closes it again. */
export async function withProjectData<T>({ env }: CliProject, look: (db: Db) => Promise<T>): Promise<T> {
  const uri = String(env.MONGODB_URI)
  const embedded = uri.startsWith('embedded:')
    ? await startEmbedded({ path: uri.slice('embedded:'.length) })
    : undefined
  const client = await MongoClient.connect(embedded?.uri ?? uri)
  try {
    return await look(client.db())
  } finally {
    await client.close()
    await embedded?.close()
  }
}
