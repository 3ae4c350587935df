// Which stored document a document in memory is: what is written reaches that one or none.
import { GooseError } from '../errors.ts'
import { isEqualStored, toStored } from './codec.ts'
import { type DocumentBase, modelOf, snapshotOf } from './document.ts'

/** Gives the `_id` of a document. Throws `INVALID_UPDATE` when it was not read, or is not the one that is stored. */
export function identityOf(document: DocumentBase): unknown {
  if (document.isNew) return document._id
  const { definition } = modelOf(document)
  const stored = snapshotOf(document)._id
  if (stored === undefined)
    throw refused(definition.name, 'the document was read without its _id', 'read it with its _id to write it')
  if (!isEqualStored(toStored(document._id, definition.fieldByName.get('_id')), stored))
    throw refused(definition.name, 'the _id of a document never changes', 'insert a new document')
  return stored
}

function refused(model: string, reason: string, hint: string): GooseError {
  return new GooseError('INVALID_UPDATE', { model, reason, hint })
}
