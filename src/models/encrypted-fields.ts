// Which fields of a model are encrypted, and where a path meets one.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { checkMarkPlaces } from './mark-places.ts'
import { findPath } from './path.ts'

/** Tells whether a field, its elements or its own fields are encrypted. */
export function holdsEncrypted(field: Field | undefined): boolean {
  if (!field) return false
  return (
    field.marks.encrypted !== undefined || holdsEncrypted(field.element) || (field.fields ?? []).some(holdsEncrypted)
  )
}

const known = new WeakMap<ModelDefinition, readonly Field[]>()

/** Gives the fields of a model that hold something encrypted. Throws when one is where it would stay in clear. */
export function encryptedFields(definition: ModelDefinition): readonly Field[] {
  const there = known.get(definition)
  if (there) return there
  checkMarkPlaces(definition)
  const found = definition.fields.filter(holdsEncrypted)
  known.set(definition, found)
  return found
}

/** What a path meets first: the encrypted field, and whether the path leads into it. */
export interface EncryptedPlace {
  readonly field: Field
  readonly inside: boolean
}

/** Finds the encrypted field that a path names or leads into. */
export function encryptedAt(definition: ModelDefinition, path: string): EncryptedPlace | undefined {
  const segments = path.split('.')
  for (let length = 1; length <= segments.length; length++) {
    const { field } = findPath(definition, segments.slice(0, length).join('.'))
    const rest = segments.slice(length).filter(segment => !/^(\d+|\$(\[\w*\])?)$/.test(segment))
    for (let at = field; at; at = at.element) if (at.marks.encrypted) return { field: at, inside: rest.length > 0 }
  }
  return undefined
}

/** Refuses what only values in clear could be used for, such as a sort. */
export function refuseEncrypted(definition: ModelDefinition, path: string, use: string): void {
  if (encryptedFields(definition).length === 0 || !encryptedAt(definition, path)) return
  throw new GooseError('INVALID_QUERY', {
    model: definition.name,
    reason: `"${path}" is encrypted and cannot be used for ${use}`,
    hint: 'leave it out, or do it in memory',
  })
}
