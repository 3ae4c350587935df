// Reads everything a bulk change is about once, as bytes.
import type { Document, FindCursor } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { run } from '../runtime/execute.ts'
import { projected } from './bulk-batch.ts'

/** What is read. */
export interface WalkRequest {
  readonly definition: ModelDefinition
  readonly filter: Document
  /** The top-level fields to read; null for all. */
  readonly touched: readonly string[] | null
}

const AT_ONCE = 1000

/** Gives the documents as they come from the server, which looks for the next ones while these are worked at. */
export async function* walkAll(
  { definition, filter, touched }: WalkRequest,
  { isOrdered }: { /** by `_id` */ readonly isOrdered: boolean },
): AsyncGenerator<readonly Uint8Array[]> {
  let cursor: FindCursor<Document> | undefined
  const ask = () =>
    run(definition, { operation: 'find', filter }, async (collection, session) => {
      const order = isOrdered ? { sort: { _id: 1 as const } } : {}
      cursor ??= collection.find(filter, { raw: true, batchSize: AT_ONCE, ...order, ...projected(touched), ...session })
      return (await cursor.hasNext()) ? (cursor.readBufferedDocuments() as unknown as readonly Uint8Array[]) : []
    })
  let asked = ask()
  try {
    for (let found = await asked; found.length > 0; found = await asked) {
      asked = ask()
      // It is waited for in any case, maybe after an error of the one who works at these.
      asked.catch(() => undefined)
      await sent()
      yield found
    }
  } finally {
    await asked.catch(() => undefined)
    await cursor?.close()
  }
}

/** Waits until a command that was begun is on its way to the server. */
export function sent(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Cuts what comes into pages of so many documents, and not many more bytes than that. */
export async function* inPages(
  found: AsyncIterable<readonly Uint8Array[]>,
  { count, bytes }: { readonly count: number; readonly bytes: number },
): AsyncGenerator<readonly Uint8Array[]> {
  let page: Uint8Array[] = []
  let size = 0
  for await (const some of found)
    for (const document of some) {
      page.push(document)
      size += document.length
      if (page.length < count && size < bytes) continue
      yield page
      page = []
      size = 0
    }
  if (page.length > 0) yield page
}
