// A document in memory: its fields as plain properties, and what was stored when it was loaded.
import { BSON, Long } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { type Field, isSecret } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { adopt, type ModelClass, modelNamed } from '../models/registry.ts'
import { liveOf, variantAt, variantField } from '../models/variant.ts'
import { sameArchive } from './archive-class.ts'
import { type Changes, changesBetween } from './changes.ts'
import { isStoredAs, type Passed } from './checked.ts'
import { fieldNamed, type Stored, storedFrom, toStored } from './codec.ts'
import { fillFrom } from './input.ts'
import { keptKey } from './missing.ts'
import { codecOf, fillIn } from './model-codec.ts'
import { inClear } from './plaintext.ts'
import { openInto, openStored } from './sealing.ts'
import { isProven, refuseCovers, refuseShadows } from './shadow.ts'
import { withUndeclared } from './undeclared.ts'

/** A model class as the runtime sees it. */
export interface RuntimeModel extends ModelClass {
  new (input: unknown, hydration?: Hydration): DocumentBase
  readonly prototype: DocumentBase
  readonly definition: ModelDefinition
}

/** What a stored document becomes a document in memory with. */
export interface Hydration {
  readonly bytes: Uint8Array
  /** What was selected; when anything was, nothing is filled in for what is not there. */
  readonly select: readonly string[]
}

/** What the runtime keeps beside the fields. */
export interface DocumentState {
  isNew: boolean
  bytes: Uint8Array | undefined
  select: readonly string[]
  stored: Stored | undefined
  /** What has come out of the schemas since it was made or saved. */
  passed: Passed | undefined
}

const LOADING = Symbol('loading')
const whole: readonly string[] = []

/** Holds the state and the methods that need nothing but memory. */
export class DocumentBase {
  static readonly definition: ModelDefinition
  static readonly modelName: string
  readonly #state: DocumentState;
  [field: string]: unknown

  constructor(input: unknown, hydration?: Hydration) {
    this.#state = { isNew: true, bytes: undefined, select: whole, stored: undefined, passed: undefined }
    if (input === LOADING) this.#load(hydration!)
    else this.#fill(input)
  }

  static stateOf(document: DocumentBase): DocumentState {
    return document.#state
  }

  get isNew(): boolean {
    return this.#state.isNew
  }

  /** Tells whether a field, or any field, differs from what is stored. */
  isDirty(path?: string): boolean {
    const { definition } = modelOf(this)
    if (path !== undefined && definition.fieldByName.get(path)?.marks.transient) return this[path] !== undefined
    if (path === undefined && codecOf(definition).transients.some(field => this[field.name] !== undefined)) return true
    if (this.#state.isNew && path === undefined) return true
    const changed = [...changesOf(this).paths.keys()]
    return path === undefined
      ? changed.length > 0
      : changed.some(name => name === path || name.startsWith(`${path}.`) || path.startsWith(`${name}.`))
  }

  /** Gives every changed path with what is stored and what is in memory. */
  changes(): Record<string, { readonly from: unknown; readonly to: unknown }> {
    const changes = [...changesOf(this).paths]
    return Object.fromEntries(changes.map(([path, { from, to }]) => [path, { from: inClear(from), to: inClear(to) }]))
  }

  /** Compares by model and id. */
  equals(other: unknown): boolean {
    return (
      other instanceof DocumentBase &&
      modelOf(other).modelName === modelOf(this).modelName &&
      String(other._id) === String(this._id)
    )
  }

  /** Gives the fields as a plain object, references as they are. */
  toObject(): Record<string, unknown> {
    return { ...this }
  }

  /** Gives the fields for JSON: secret and transient fields are left out, 64-bit integers are text. */
  toJSON(): Record<string, unknown> {
    const { definition } = modelOf(this)
    const result: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(this)) {
      const field = definition.fieldByName.get(name)
      if (value !== undefined && !isSecret(field) && !field?.marks.transient) result[name] = jsonOf(value, field)
    }
    return result
  }

  toBSON(): unknown {
    return this._id
  }

  async load(): Promise<this> {
    return this
  }

  #load(hydration: Hydration): void {
    this.#state.isNew = false
    this.#state.bytes = hydration.bytes
    this.#state.select = hydration.select
    const { definition } = modelOf(this)
    const codec = codecOf(definition)
    codec.decode(hydration.bytes as Buffer, this)
    openInto(definition, this)
    if (hydration.select.length === 0) fillIn(codec, this)
  }

  #fill(input: unknown): void {
    const model = modelOf(this)
    if (typeof input !== 'object' || input === null)
      throw new GooseError('VALIDATION_FAILED', {
        model: model.modelName,
        issues: 'expected an object with its fields',
      })
    adopt(model)
    if (!isProven(model)) refuseCovers(model)
    this.#state.passed = fillFrom(model.definition, this, input as Record<string, unknown>)
  }
}

/** Makes a document of what is stored; a selection of its fields is a part. */
export function hydrate(model: RuntimeModel, bytes: Uint8Array, select: readonly string[] = whole): DocumentBase {
  const hydration = { bytes, select }
  const proven = isProven(model)
  if (!proven) refuseCovers(model)
  const document = new model(LOADING, hydration)
  if (!proven) refuseShadows(model, document, storedFrom(bytes))
  const told = variantField(model.definition)
  const variant = told === undefined ? undefined : variantAt(model.definition, toldBy(document, bytes, told))
  if (!variant || variant === liveOf(model.definition)) return document
  const made = modelNamed(variant.name).model as RuntimeModel
  return new (sameArchive(model.definition, made))(LOADING, hydration)
}

// A strict model may have left out the very field that tells its variants apart.
function toldBy(document: DocumentBase, bytes: Uint8Array, field: string): unknown {
  return modelOf(document).definition.strict ? storedFrom(bytes)[field] : document[field]
}

/** Gives the class of a document. */
export function modelOf(document: DocumentBase): RuntimeModel {
  return document.constructor as RuntimeModel
}

/** Gives the stored form of what is in memory. */
export function encode(document: DocumentBase): Stored {
  const { definition } = modelOf(document)
  const stored: Stored = { _id: toStored(document._id, definition.fieldByName.get('_id')) }
  for (const field of codecOf(definition).stored) {
    const value = encodeField(document, field)
    if (value !== undefined) stored[field.name] = value
  }
  return stored
}

/** Gives the stored form of a new document that was just validated: mostly, that has made it already. */
export function encodeValid(document: DocumentBase): Stored {
  const { passed } = DocumentBase.stateOf(document)
  return passed?.isWhole && passed.stored._id === document._id ? passed.stored : encode(document)
}

/** Gives the stored form of one field of what is in memory. */
export function encodeField(document: DocumentBase, field: Field): unknown {
  const value = document[field.name]
  return toStored(value === null ? keptKey(document, field.name) : value, field)
}

/** What a save leaves stored, and what it changes. */
export interface Difference {
  readonly stored: Record<string, unknown>
  readonly changes: Changes
}

/** Compares a document with what is stored. */
export function changesOf(document: DocumentBase): Changes {
  return differenceOf(document).changes
}

/** Compares a document with what is stored, and gives what a save leaves: what the model does not declare stays. */
export function differenceOf(document: DocumentBase): Difference {
  const before = snapshotOf(document)
  const fields = codecOf(modelOf(document).definition).stored
  const touched = fields.filter(field => {
    const there = before[field.name]
    return !isStoredAs(there === undefined ? standIn(document, field) : there, document[field.name], field)
  })
  if (touched.length === 0) return { stored: before, changes: changesBetween(before, before, []) }
  const stored = { ...before }
  for (const field of touched) {
    const value = withUndeclared(field, before[field.name], encodeField(document, field))
    if (value === undefined) delete stored[field.name]
    else stored[field.name] = value
  }
  const names = touched.map(field => field.name)
  return { stored, changes: changesBetween(before, stored, names) }
}

// A default stands for what is not stored: as long as it is not changed, it is no change, and then it is stored as a whole.
function standIn(document: DocumentBase, field: Field): unknown {
  const { bytes, select, stored, isNew } = DocumentBase.stateOf(document)
  const isLoaded = !isNew && (bytes ?? stored) !== undefined && select.length === 0
  if (!isLoaded || !codecOf(modelOf(document).definition).defaults.includes(field)) return undefined
  return toStored(field.defaultOf!(), field)
}

/** Gives what was stored when the document was loaded or last saved. */
export function snapshotOf(document: DocumentBase): Stored {
  const state = DocumentBase.stateOf(document)
  state.stored ??= state.bytes ? openStored(modelOf(document).definition, storedFrom(state.bytes)) : {}
  return state.stored
}

/** Takes over what is stored now: after a save, or a reload. */
export function settle(document: DocumentBase, stored: Stored): void {
  const state = DocumentBase.stateOf(document)
  state.isNew = false
  state.bytes = undefined
  state.stored = stored
  state.passed = undefined
}

/** Replaces the fields of a document by stored bytes. */
export function reset(document: DocumentBase, bytes: Uint8Array): void {
  Object.assign(DocumentBase.stateOf(document), {
    isNew: false,
    bytes,
    select: whole,
    stored: undefined,
    passed: undefined,
  })
  replaceFields(document, bytes)
  openInto(modelOf(document).definition, document)
}

/** Replaces the fields of a document by stored values; what is known to be in the database stays. */
export function refill(document: DocumentBase, stored: Stored): void {
  replaceFields(document, BSON.serialize(cleared(stored) as Stored, { ignoreUndefined: true }))
}

// JSON has no 64-bit integers; text keeps every digit in every program that reads it.
function jsonOf(value: unknown, field: Field | undefined): unknown {
  if (typeof value === 'bigint' || value instanceof Long) return String(value)
  if (Array.isArray(value)) return value.map(item => jsonOf(item, field?.element))
  if (!isPlain(value)) return value
  const shown = Object.entries(value)
    .map(([name, item]) => [name, item, fieldNamed(field?.fields, name)] as const)
    .filter(([, , inner]) => !isSecret(inner))
  return Object.fromEntries(shown.map(([name, item, inner]) => [name, jsonOf(item, inner)]))
}

function replaceFields(document: DocumentBase, bytes: Uint8Array): void {
  const { definition } = modelOf(document)
  for (const field of definition.fields) delete document[field.name]
  const codec = codecOf(definition)
  codec.decode(bytes as Buffer, document)
  fillIn(codec, document)
}

function cleared(value: unknown): unknown {
  const plain = inClear(value)
  if (Array.isArray(plain)) return plain.map(cleared)
  if (!isPlain(plain)) return plain
  return Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, cleared(item)]))
}
