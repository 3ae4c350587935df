// Checks documents against the validator of their collection before they are stored.
import { type Document, decodeDocument, decodeValue, type Value } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import { findId } from '../bson/walk.ts'
import { CommandError } from '../errors.ts'
import { compileSchema } from '../json-schema/schema.ts'
import { compileFilter } from '../match/filter.ts'
import type { Collection } from '../store/catalog.ts'

/** Throws when a document may not be stored as `after`; `before` is what it replaces. */
export type Validator = (after: Buffer, before?: Buffer) => void

const compiled = new WeakMap<Collection, (document: Document) => Document | undefined>()

/** Gives the check of a collection, or undefined where there is nothing to check. */
export function validatorOf(collection: Collection, options: { readonly bypass: boolean }): Validator | undefined {
  if (collection.options.has('timeseries')) return measurementCheck(collection.options.get('timeseries') as Document)
  const { validator, level, action } = rulesOf(collection)
  if (options.bypass || validator === undefined || level === 'off' || action === 'warn') return undefined
  const check = compiled.get(collection) ?? compile(validator)
  compiled.set(collection, check)
  return (after, before) => {
    const details = check(decodeDocument(after))
    if (details === undefined) return
    if (before && level === 'moderate' && check(decodeDocument(before)) !== undefined) return
    throw failure(after, details)
  }
}

/** A measurement has a time. */
function measurementCheck(series: Document): Validator {
  const field = String(series.get('timeField'))
  const fields = new Set([field])
  return after => {
    if (decodeFields(after, fields).get(field) instanceof Date) return
    throw new CommandError('BadValue', `'${field}' must be present and contain a valid BSON UTC datetime value`)
  }
}

function rulesOf({ options }: Collection) {
  return {
    validator: options.get('validator') as Document | undefined,
    level: options.get('validationLevel') ?? 'strict',
    action: options.get('validationAction') ?? 'error',
  }
}

function compile(validator: Document): (document: Document) => Document | undefined {
  const schema = validator.get('$jsonSchema')
  if (validator.size === 1 && schema instanceof Map) {
    const check = compileSchema(schema)
    return document => wrapped('$jsonSchema', check(document))
  }
  const filter = compileFilter(validator)
  return document =>
    filter.matches(document)
      ? undefined
      : new Map<string, Value>([
          ['operatorName', [...validator.keys()][0] ?? '$and'],
          ['specifiedAs', validator],
          ['reason', 'expression did not match'],
        ])
}

function wrapped(name: string, details: Document | undefined): Document | undefined {
  return (
    details && (details.has('operatorName') ? details : new Map<string, Value>([['operatorName', name], ...details]))
  )
}

function failure(bytes: Buffer, details: Document): CommandError {
  const id = findId(bytes)
  const failing: Value = id ? decodeValue(bytes, id.type, id.valueStart) : null
  const errInfo = new Map<string, Value>([
    ['failingDocumentId', failing],
    ['details', details],
  ])
  return new CommandError('DocumentValidationFailure', 'Document failed validation', {
    fields: new Map([['errInfo', errInfo]]),
  })
}
