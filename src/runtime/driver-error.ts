// Errors of the driver, said better where goose knows more: duplicate keys, servers out of reach.
import { DuplicateKey, NotConnected } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedAt } from '../models/encrypted-fields.ts'
import { BLIND } from '../models/envelope.ts'
import { isHiddenAt } from '../models/path.ts'

interface DriverError {
  readonly name?: string
  readonly code?: number
  readonly message?: string
  readonly keyValue?: Record<string, unknown>
  readonly writeErrors?: readonly {
    readonly err?: { readonly errmsg?: string; readonly keyValue?: Record<string, unknown> }
  }[]
}

/** Gives the error to throw: ours where we can say more, the driver's own otherwise. */
export function explained(error: unknown, definition: ModelDefinition): unknown {
  if (!(error instanceof Error)) return error
  const found = error as DriverError & Error
  if (found.code === 11000) return duplicateKey(found, definition)
  if (found.name === 'MongoServerSelectionError' || found.name === 'MongoNotConnectedError')
    return new NotConnected({ reason: found.message }, { cause: error })
  return error
}

function duplicateKey(error: DriverError & Error, definition: ModelDefinition): DuplicateKey {
  const found = error.keyValue ?? error.writeErrors?.[0]?.err?.keyValue ?? valuesIn(error.message)
  const values = Object.fromEntries(Object.entries(found).map(([path, value]) => [nameOf(definition, path), value]))
  const fields = Object.keys(values)
  const keys = fields.map(field => `${field} ${shown(definition, field, values[field])}`).join(', ')
  return new DuplicateKey(
    { model: definition.name, keys: keys || 'the same key', fields, values: masked(definition, values) },
    { cause: error },
  )
}

// A queryable encrypted field is indexed by what lies beside its ciphertext.
function nameOf(definition: ModelDefinition, path: string): string {
  const outer = path.endsWith(`.${BLIND}`) ? path.slice(0, -BLIND.length - 1) : path
  return encryptedAt(definition, outer) ? outer : path
}

// The driver drops the values of errors in bulk writes; the server's sentence has them.
function valuesIn(message: string): Record<string, unknown> {
  const keys = /dup key: \{ (.*) \}/.exec(message)?.[1] ?? ''
  const pairs = keys.matchAll(/([\w.]+): ("(?:[^"\\]|\\.)*"|[^,]+)/g)
  return Object.fromEntries([...pairs].map(([, field, text]) => [field, valueIn(text!.trim())]))
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function shown(definition: ModelDefinition, field: string, value: unknown): string {
  if (isHiddenAt(definition, field)) return '(hidden)'
  return value === undefined ? '' : JSON.stringify(value)
}

function masked(definition: ModelDefinition, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, isHiddenAt(definition, field) ? '(hidden)' : value]),
  )
}
