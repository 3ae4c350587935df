// Encrypts what is written and decrypts what was read, wherever a model's encrypted fields lie.
import { BSON } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedAt, encryptedFields, encryptedWithin, holdsEncrypted } from '../models/encrypted-fields.ts'
import type { Field } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { type Stored, toStored } from './codec.ts'
import { type Decoder, decoderOf } from './decode.ts'
import { decrypt, encrypt, type Place } from './encryption.ts'
import { inClear, Plaintext } from './plaintext.ts'

type Change = (place: Place, value: unknown) => unknown

/** Encrypts the fields of a document that is to be inserted. */
export function sealDocument(definition: ModelDefinition, stored: Stored): Stored {
  return changed(definition, stored, seal)
}

/** Decrypts a stored document, keeping its values wrapped, as the difference of a save compares them. */
export function openStored(definition: ModelDefinition, stored: Stored): Stored {
  return changed(definition, stored, open)
}

/** Decrypts the fields of a document in memory, in place. */
export function openInto(definition: ModelDefinition, target: Record<string, unknown>): void {
  const fields = encryptedFields(definition)
  if (fields.length > 0)
    Object.assign(target, partsOf(definition, fields, { target, change: remember, id: target._id }))
}

/** Tells whether a test holds for any stored value that is, or should be, encrypted. */
export function someEncrypted(
  definition: ModelDefinition,
  stored: Stored,
  test: (place: Place, value: unknown) => boolean,
): boolean {
  let found = false
  changed(definition, stored, (place, value) => {
    found ||= test(place, value)
    return value
  })
  return found
}

/** Encrypts what the operators of an update of one document set. Throws `INVALID_UPDATE` for those that need it in clear. */
export function sealUpdate<U extends object>(definition: ModelDefinition, id: unknown, update: U): U {
  if (encryptedFields(definition).length === 0) return update
  if (Array.isArray(update)) return refusePipeline(definition, update)
  const entries = Object.entries(update).map(([operator, changes]) => [
    operator,
    Object.fromEntries(
      Object.entries(changes as object).map(([path, value]) => [
        path,
        sealOperand(definition, { operator, path, id }, value),
      ]),
    ),
  ])
  return Object.fromEntries(entries)
}

/** Tells whether an update of many documents sets an encrypted field: each then needs its own ciphertext. */
export function touchesEncrypted(definition: ModelDefinition, update: object): boolean {
  if (encryptedFields(definition).length === 0) return false
  const stages: readonly object[] = Array.isArray(update) ? update : [update]
  return stages
    .flatMap(stage => Object.entries(stage))
    .filter(([operator]) => !harmless.has(operator))
    .flatMap(([, operand]) => pathsIn(operand))
    .some(path => (encryptedAt(definition, path) ?? encryptedWithin(definition, path)) !== undefined)
}

function pathsIn(operand: unknown): readonly string[] {
  if (typeof operand === 'string') return [operand]
  if (Array.isArray(operand)) return operand.flatMap(pathsIn)
  return isPlain(operand) ? Object.keys(operand) : []
}

const sealed = new Set(['$set', '$setOnInsert', '$push'])
const harmless = new Set(['$unset', '$pop'])

interface Operation {
  readonly operator: string
  readonly path: string
  readonly id: unknown
}

function sealOperand(definition: ModelDefinition, operation: Operation, value: unknown): unknown {
  const { operator, path, id } = operation
  if (operator === '$rename') refuseRename(definition, path, String(value))
  const at = encryptedAt(definition, path)
  if (at?.inside) throw refused(definition, path, 'write the encrypted value as a whole')
  const field = at?.field ?? encryptedWithin(definition, path)
  if (!field || harmless.has(operator)) return value
  if (!sealed.has(operator))
    throw refused(definition, path, `${operator} cannot be used; load the document and save it`)
  const walk = { definition, id, change: seal }
  if (operator !== '$push') return through(walk, field, value)
  const element = field.element && !field.marks.encrypted ? field.element : field
  if (!isPlain(value) || !('$each' in value)) return through(walk, element, value)
  if ('$sort' in value) throw refused(definition, path, '$sort cannot be used')
  return { ...value, $each: (value.$each as unknown[]).map(item => through(walk, element, item)) }
}

function refuseRename(definition: ModelDefinition, from: string, to: string): void {
  for (const path of [from, to])
    if (encryptedAt(definition, path) ?? encryptedWithin(definition, path))
      throw refused(definition, path, '$rename cannot be used')
}

function refusePipeline<U extends object>(definition: ModelDefinition, update: U): U {
  if (!touchesEncrypted(definition, update)) return update
  throw refused(
    definition,
    encryptedFields(definition)[0]!.path,
    'a pipeline cannot be used; load the document and save it',
  )
}

function refused(definition: ModelDefinition, path: string, reason: string): GooseError {
  return new GooseError('INVALID_UPDATE', {
    model: definition.name,
    reason: `"${path}" is encrypted: ${reason}`,
    hint: 'the database cannot compute with what it cannot read',
  })
}

interface Walk {
  readonly definition: ModelDefinition
  readonly id: unknown
  readonly change: Change
}

function changed(definition: ModelDefinition, stored: Stored, change: Change): Stored {
  const fields = encryptedFields(definition)
  if (fields.length === 0) return stored
  return { ...stored, ...partsOf(definition, fields, { target: stored, change, id: stored._id }) }
}

function partsOf(
  definition: ModelDefinition,
  fields: readonly Field[],
  { target, change, id }: { readonly target: Stored; readonly change: Change; readonly id: unknown },
): Stored {
  const there = fields.filter(field => target[field.name] !== undefined)
  return Object.fromEntries(
    there.map(field => [field.name, through({ definition, id, change }, field, target[field.name])]),
  )
}

function through(walk: Walk, field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return value
  if (field.marks.encrypted) return walk.change({ definition: walk.definition, id: walk.id, field }, value)
  if (!holdsEncrypted(field)) return value
  if (Array.isArray(value)) return value.map(item => through(walk, field.element ?? field, item))
  if (!isPlain(value)) return value
  const result: Stored = { ...value }
  for (const inner of field.fields ?? [])
    if (result[inner.name] !== undefined) result[inner.name] = through(walk, inner, result[inner.name])
  return result
}

const seal: Change = (place, value) => {
  const clear = inClear(toStored(value, place.field))
  return clear === null ? null : encrypt(place, clear)
}

const open: Change = (place, value) => {
  const bytes = decrypt(place, value)
  return new Plaintext(bytes ? BSON.deserialize(bytes, { promoteBuffers: false }).v : value)
}

// What was stored in clear, before its field was encrypted, is read as it is; a rotation encrypts it.
const remember: Change = (place, value) => {
  const bytes = decrypt(place, value) ?? Buffer.from(BSON.serialize({ v: value }))
  const target: Record<string, unknown> = {}
  decoderFor(place)(bytes, target)
  return target.v
}

const decoders = new WeakMap<Field, Decoder>()

function decoderFor({ definition, field }: Place): Decoder {
  const there = decoders.get(field)
  if (there) return there
  const { encrypted: _encrypted, ...marks } = field.marks
  const decoder = decoderOf([{ ...field, name: 'v', marks }], definition.strict ? 'declared' : 'all')
  decoders.set(field, decoder)
  return decoder
}
