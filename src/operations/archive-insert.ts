// Inserts stored bytes into a collection so that they are the same bytes there.
import type { Document } from 'mongodb'
import { MongoServerError } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { connectionOf } from '../runtime/connection.ts'
import { currentTransaction } from '../runtime/context.ts'
import { collectionOf } from '../runtime/execute.ts'
import { exactDocument } from './archive-exact.ts'

// Below what a message may hold, whatever the headers.
const MOST_BYTES = 8 * 1024 * 1024

/** Reads documents and inserts them; those that are there already, or clash, are left out. Gives what the driver cannot send. */
export async function insertExactly(
  target: ModelDefinition,
  read: (each: (bytes: Uint8Array) => void) => Promise<void>,
): Promise<readonly Uint8Array[]> {
  const parts: Document[][] = [[]]
  const unsendable: Uint8Array[] = []
  let size = 0
  await read(bytes => {
    const document = exactDocument(bytes)
    if (!document) {
      unsendable.push(bytes)
      return
    }
    size += bytes.length
    if (size > MOST_BYTES) {
      parts.push([])
      size = bytes.length
    }
    parts.at(-1)!.push(document)
  })
  for (const documents of parts) await insertPart(target, documents)
  return unsendable
}

/** Inserts documents as they are; in a transaction all of them, or it ends with `DuplicateKey`'s cause. */
export async function insertPart(target: ModelDefinition, documents: readonly Document[]): Promise<void> {
  if (documents.length === 0) return
  const session = currentTransaction()?.session
  const collection = await collectionOf(target)
  const { client } = await connectionOf(target.connection)
  // insertMany would look for _id as a property, which maps do not have.
  const answer = await client.db(collection.dbName).command(
    {
      insert: collection.collectionName,
      documents,
      ordered: session !== undefined,
      ...(session ? {} : { writeConcern: { w: 'majority' } }),
    },
    { ignoreUndefined: true, ...(session ? { session } : {}) },
  )
  const errors = (answer.writeErrors ?? []) as readonly Document[]
  const grave = errors.find(error => session !== undefined || error.code !== 11000)
  if (grave) throw new MongoServerError({ ...grave, message: grave.errmsg })
}
