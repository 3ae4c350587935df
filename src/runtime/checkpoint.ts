// Remembers a document before a write, so that a failed save or an aborted transaction leaves it as it was.
import { GooseError } from '../errors.ts'
import { currentTransaction } from './context.ts'
import { DocumentBase, type DocumentState, modelOf } from './document.ts'

/** Runs a write; when it fails, or its transaction does, the document is as before, still dirty. */
export async function guarded<T>(documents: readonly DocumentBase[], write: () => Promise<T>): Promise<T> {
  const free = taken(documents)
  const before = documents.map(checkpoint)
  const undo = currentTransaction()?.undo
  if (undo)
    for (const [i, document] of documents.entries())
      if (!undo.has(document)) undo.set(document, () => restore(document, before[i]!))
  try {
    return await write()
  } catch (error) {
    for (const [i, document] of documents.entries()) restore(document, before[i]!)
    throw error
  } finally {
    free()
  }
}

const busy = new WeakSet<DocumentBase>()

// Two writes at once would both send what has changed, and a list would have it twice.
function taken(documents: readonly DocumentBase[]): () => void {
  for (const document of documents)
    if (busy.has(document))
      throw new GooseError('DOCUMENT_BUSY', { model: modelOf(document).modelName, id: String(document._id) })
  for (const document of documents) busy.add(document)
  return () => {
    for (const document of documents) busy.delete(document)
  }
}

interface Checkpoint {
  readonly fields: Readonly<Record<string, unknown>>
  readonly state: DocumentState
}

function checkpoint(document: DocumentBase): Checkpoint {
  return { fields: { ...document }, state: { ...DocumentBase.stateOf(document) } }
}

function restore(document: DocumentBase, { fields, state }: Checkpoint): void {
  for (const name of Object.keys(document)) if (!(name in fields)) delete document[name]
  Object.assign(document, fields)
  Object.assign(DocumentBase.stateOf(document), state)
}
