// A document in memory: its fields as plain properties, and what was stored when it was loaded.
import { BSON } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { adopt, type ModelClass, modelNamed } from '../models/registry.ts'
import { liveOf, variantAt, variantField } from '../models/variant.ts'
import { sameArchive } from './archive-class.ts'
import { type Changes, changesBetween } from './changes.ts'
import { isEqualStored, isPlain, type Stored, storedFrom, toStored } from './codec.ts'
import { type Decoder, decoderOf } from './decode.ts'
import { fillFrom } from './input.ts'
import { keptKey } from './missing.ts'
import { inClear } from './plaintext.ts'
import { openInto, openStored } from './sealing.ts'
import { isProven, refuseShadows } from './shadow.ts'
import { withUndeclared } from './undeclared.ts'

/** A model class as the runtime sees it. */
export interface RuntimeModel extends ModelClass {
  new (input: unknown, hydration?: Hydration): DocumentBase
  readonly definition: ModelDefinition
}

/** What a stored document becomes a document in memory with. */
export interface Hydration {
  readonly bytes: Uint8Array
  /** Whether some fields were left out: then nothing is filled in for what is not there. */
  readonly isPartial: boolean
}

/** What the runtime keeps beside the fields. */
export interface DocumentState {
  isNew: boolean
  bytes: Uint8Array | undefined
  isPartial: boolean
  stored: Stored | undefined
}

const LOADING = Symbol('loading')

/** Holds the state and the methods that need nothing but memory. */
export class DocumentBase {
  static readonly definition: ModelDefinition
  static readonly modelName: string
  readonly #state: DocumentState;
  [field: string]: unknown

  constructor(input: unknown, hydration?: Hydration) {
    this.#state = { isNew: true, bytes: undefined, isPartial: false, stored: undefined }
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
    if (path === undefined && transientsOf(definition).some(field => this[field.name] !== undefined)) return true
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

  /** Gives the fields for JSON: secret and transient fields are left out. */
  toJSON(): Record<string, unknown> {
    const { definition } = modelOf(this)
    const result: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(this)) {
      const marks = definition.fieldByName.get(name)?.marks
      if (value !== undefined && !marks?.secret && !marks?.transient) result[name] = value
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
    this.#state.isPartial = hydration.isPartial
    const { definition } = modelOf(this)
    const codec = codecOf(definition)
    codec.decode(hydration.bytes as Buffer, this)
    openInto(definition, this)
    if (!hydration.isPartial) fillIn(codec, this)
  }

  #fill(input: unknown): void {
    const model = modelOf(this)
    if (typeof input !== 'object' || input === null)
      throw new GooseError('VALIDATION_FAILED', {
        model: model.modelName,
        issues: 'expected an object with its fields',
      })
    adopt(model)
    fillFrom(model.definition, this, input as Record<string, unknown>)
  }
}

/** Makes a document of what is stored; a selection of its fields is a part. */
export function hydrate(model: RuntimeModel, bytes: Uint8Array, select: readonly string[] = []): DocumentBase {
  const hydration = { bytes, isPartial: select.length > 0 }
  const document = new model(LOADING, hydration)
  if (!isProven(model)) refuseShadows(model, document, storedFrom(bytes))
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
  for (const field of definition.fields) {
    const value = document[field.name]
    if (value === undefined || field.marks.transient || field.kind === 'many') continue
    stored[field.name] = toStored(value === null ? keptKey(document, field.name) : value, field)
  }
  return stored
}

/** Gives what a save leaves stored: what is in memory, and what is stored that the model does not declare. */
export function encodeWhole(document: DocumentBase): Stored {
  return withUndeclared(modelOf(document).definition.fields, snapshotOf(document), encode(document))
}

/** Compares a document with what is stored. */
export function changesOf(document: DocumentBase, stored: Stored = encodeWhole(document)): Changes {
  const { storedNames } = codecOf(modelOf(document).definition)
  return changesBetween(snapshotOf(document), stored, storedNames)
}

/** Gives what was stored when the document was loaded or last saved. */
export function snapshotOf(document: DocumentBase): Stored {
  const state = DocumentBase.stateOf(document)
  if (!state.stored) state.stored = state.bytes ? storedBy(document, state) : {}
  return state.stored
}

/** Takes over what is stored now: after a save, or a reload. */
export function settle(document: DocumentBase, stored: Stored): void {
  const state = DocumentBase.stateOf(document)
  state.isNew = false
  state.bytes = undefined
  state.stored = stored
}

/** Replaces the fields of a document by stored bytes. */
export function reset(document: DocumentBase, bytes: Uint8Array): void {
  Object.assign(DocumentBase.stateOf(document), { isNew: false, bytes, isPartial: false, stored: undefined })
  replaceFields(document, bytes)
  openInto(modelOf(document).definition, document)
}

/** Replaces the fields of a document by stored values; what is known to be in the database stays. */
export function refill(document: DocumentBase, stored: Stored): void {
  replaceFields(document, BSON.serialize(cleared(stored) as Stored, { ignoreUndefined: true }))
}

/** Gives the transient fields of a model. */
export function transientsOf(definition: ModelDefinition): readonly Field[] {
  return codecOf(definition).transients
}

interface Codec {
  readonly decode: Decoder
  /** Defaults that do not change from call to call: stored documents without the field get them, too. */
  readonly defaults: readonly Field[]
  readonly transients: readonly Field[]
  readonly storedNames: readonly string[]
}

const codecs = new WeakMap<ModelDefinition, Codec>()

function codecOf(definition: ModelDefinition): Codec {
  const there = codecs.get(definition)
  if (there) return there
  const decode = decoderOf(definition.fields, definition.strict ? 'declared' : 'all')
  const { fields } = definition
  const codec = {
    decode,
    defaults: fields.filter(hasFixedDefault),
    transients: fields.filter(field => field.marks.transient),
    storedNames: fields.filter(field => !field.marks.transient && field.kind !== 'many').map(field => field.name),
  }
  codecs.set(definition, codec)
  return codec
}

function hasFixedDefault({ defaultOf, marks }: Field): boolean {
  if (!defaultOf || marks.transient) return false
  const [one, other] = [defaultOf(), defaultOf()]
  return !(one instanceof Date) && isEqualStored(one, other)
}

function fillIn(codec: Codec, target: Record<string, unknown>): void {
  for (const field of codec.defaults) if (target[field.name] === undefined) target[field.name] = field.defaultOf!()
}

function storedBy(document: DocumentBase, state: DocumentState): Stored {
  const { definition } = modelOf(document)
  const stored = openStored(definition, storedFrom(state.bytes!))
  const { defaults } = codecOf(definition)
  if (!state.isPartial)
    for (const field of defaults)
      if (stored[field.name] === undefined) stored[field.name] = toStored(field.defaultOf!(), field)
  return stored
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
