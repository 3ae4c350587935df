// What is worked out once for each model: its decoder, and which fields are stored, kept or filled in.
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { checkMarkPlaces } from '../models/mark-places.ts'
import { isEqualStored } from './codec.ts'
import { type Decoder, decoderOf } from './decode.ts'

/** How the documents of a model are read and written. */
export interface ModelCodec {
  readonly decode: Decoder
  /** Defaults that do not change from call to call: stored documents without the field get them, too. */
  readonly defaults: readonly Field[]
  /** The fields that a document holds itself: all but reverse references. */
  readonly own: readonly Field[]
  readonly transients: readonly Field[]
  readonly stored: readonly Field[]
}

const codecs = new WeakMap<ModelDefinition, ModelCodec>()

/** Gives the codec of a model. */
export function codecOf(definition: ModelDefinition): ModelCodec {
  const there = codecs.get(definition)
  if (there) return there
  checkMarkPlaces(definition)
  const own = definition.fields.filter(field => field.kind !== 'many')
  const codec = {
    decode: decoderOf(definition.fields, definition.strict ? 'declared' : 'all'),
    defaults: definition.fields.filter(hasFixedDefault),
    own,
    transients: own.filter(field => field.marks.transient),
    stored: own.filter(field => !field.marks.transient),
  }
  codecs.set(definition, codec)
  return codec
}

/** Fills in the defaults of fields that are not stored. */
export function fillIn({ defaults }: ModelCodec, target: Record<string, unknown>): void {
  for (const field of defaults) if (target[field.name] === undefined) target[field.name] = field.defaultOf!()
}

function hasFixedDefault({ defaultOf, marks }: Field): boolean {
  if (!defaultOf || marks.transient) return false
  const [one, other] = [defaultOf(), defaultOf()]
  return !(one instanceof Date) && isEqualStored(one, other)
}
