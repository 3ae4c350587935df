// Encrypts the fields of imported documents, each for the _id of the document it will belong to.
import { BSON, type Document, ObjectId } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { fromEnvelope } from '../models/envelope.ts'
import { run } from '../runtime/execute.ts'
import { openStored, sealDocument, someEncrypted } from '../runtime/sealing.ts'
import { exactly } from './archive-bytes.ts'
import type { StoredMap } from './formats/stored-map.ts'

/** Encrypts what is in clear; ciphertext of an export stays what it is. */
export function sealed(definition: ModelDefinition, document: StoredMap): StoredMap {
  if (!holdsEncrypted(definition, document)) return document
  const stored = storedOf(document)
  if (!someEncrypted(definition, stored, (_, value) => fromEnvelope(value) === undefined)) return document
  return withFields(definition, document, sealDocument(definition, openStored(definition, stored)))
}

/** Encrypts for the stored document that a filter finds, or for a new one. */
export async function sealedFor(
  definition: ModelDefinition,
  document: StoredMap,
  filter: Document,
): Promise<StoredMap> {
  if (!holdsEncrypted(definition, document)) return document
  const found = await run(definition, { operation: 'find', filter }, (collection, session) =>
    collection.findOne(filter, { projection: { _id: 1 }, ...exactly, ...session }),
  )
  const _id = found?._id ?? document.get('_id') ?? new ObjectId()
  const opened = openStored(definition, storedOf(document))
  const whole = withFields(definition, document, sealDocument(definition, { ...opened, _id }))
  return new Map([['_id', _id], ...[...whole].filter(([name]) => name !== '_id')])
}

function holdsEncrypted(definition: ModelDefinition, document: StoredMap): boolean {
  return encryptedFields(definition).some(field => document.has(field.name))
}

function storedOf(document: StoredMap): Record<string, unknown> {
  return BSON.deserialize(BSON.serialize(document), { promoteBuffers: false })
}

function withFields(
  definition: ModelDefinition,
  document: StoredMap,
  whole: Readonly<Record<string, unknown>>,
): StoredMap {
  for (const { name } of encryptedFields(definition)) if (document.has(name)) document.set(name, whole[name])
  return document
}
