// Reads everything a bulk change is about once, as bytes.
import type { Document, FindCursor } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { run } from '../runtime/execute.ts'
import { ahead } from './ahead.ts'
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
export function walkAll(
  request: WalkRequest,
  order: { /** by `_id` */ readonly isOrdered: boolean },
): AsyncGenerator<readonly Uint8Array[]> {
  return ahead(answers(request, order))
}

async function* answers(
  { definition, filter, touched }: WalkRequest,
  { isOrdered }: { readonly isOrdered: boolean },
): AsyncGenerator<readonly Uint8Array[]> {
  let cursor: FindCursor<Document> | undefined
  const ask = () =>
    run(definition, { operation: 'find', filter }, async (collection, session) => {
      const order = isOrdered ? { sort: { _id: 1 as const } } : {}
      cursor ??= collection.find(filter, { raw: true, batchSize: AT_ONCE, ...order, ...projected(touched), ...session })
      return (await cursor.hasNext()) ? (cursor.readBufferedDocuments() as unknown as readonly Uint8Array[]) : []
    })
  try {
    for (let found = await ask(); found.length > 0; found = await ask()) yield found
  } finally {
    await cursor?.close()
  }
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
