// Counts the encrypted values of a collection by the key that encrypted them, without decrypting any.

import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { fromEnvelope } from '../models/envelope.ts'
import { variantFilter } from '../models/variant.ts'
import { collectionOf } from './execute.ts'
import { someEncrypted } from './sealing.ts'

/** What stands for a key where a value is stored in clear. */
export const IN_CLEAR = ''

/** Gives how many values each key has encrypted; those in clear count under `IN_CLEAR`. */
export async function keyUsage(definition: ModelDefinition): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const names = ownNames(definition)
  if (names.length === 0) return counts
  const collection = await collectionOf(definition)
  const stored = collection.find(
    { $or: names.map(name => ({ [name]: { $exists: true } })), ...variantFilter(definition) },
    { projection: Object.fromEntries(names.map(name => [name, 1])) },
  )
  for await (const document of stored) {
    someEncrypted(definition, document, (_, value) => {
      const key = fromEnvelope(value)?.key ?? IN_CLEAR
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return false
    })
  }
  return counts
}

// A variant shares its collection and the fields of its model, which are counted there.
function ownNames(definition: ModelDefinition): readonly string[] {
  const names = encryptedFields(definition).map(field => field.name)
  return names.filter(name => !definition.variant?.of.fieldByName.has(name))
}
