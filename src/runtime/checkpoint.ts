// Remembers a document before a write, so that a failed save or an aborted transaction leaves it as it was.
import { currentTransaction } from './context.ts'
import { DocumentBase } from './document.ts'

/** Runs a write; when it fails, or its transaction does, the document is as before, still dirty. */
export async function guarded<T>(documents: readonly DocumentBase[], write: () => Promise<T>): Promise<T> {
  const restores = documents.map(document => [document, checkpoint(document)] as const)
  const undo = currentTransaction()?.undo
  for (const [document, restore] of restores) if (undo && !undo.has(document)) undo.set(document, restore)
  try {
    return await write()
  } catch (error) {
    for (const [, restore] of restores) restore()
    throw error
  }
}

function checkpoint(document: DocumentBase): () => void {
  const fields = { ...document }
  const state = { ...DocumentBase.stateOf(document) }
  return () => {
    for (const name of Object.keys(document)) if (!(name in fields)) delete document[name]
    Object.assign(document, fields)
    Object.assign(DocumentBase.stateOf(document), state)
  }
}
