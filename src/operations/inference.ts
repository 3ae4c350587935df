// Models told from a database: what its collections hold, refer to, are indexed by and are checked by.
import type { Db } from 'mongodb'
import { fieldNameFault } from '../models/definition.ts'
import type { IndexDeclaration } from '../models/index-declaration.ts'
import { collectionFor } from '../models/plural.ts'
import { modelFor } from '../models/singular.ts'
import type { InferredField } from './inference-field.ts'
import { declareIndexes } from './inference-indexes.ts'
import { findPlugins, type InferredPlugin } from './inference-plugins.ts'
import { findReferences, type References } from './inference-references.ts'
import { said } from './inference-remarks.ts'
import { type LeftOut, type Sample, type SampleOptions, sampleCollections } from './inference-sample.ts'
import { fieldsOf } from './inference-types.ts'
import { allowedBy, fieldsBy, schemaIn } from './inference-validator.ts'

/** A model as it will be written. */
export interface InferredModel {
  readonly name: string
  readonly collection: string
  /** Whether its collection is not the one a model of this name has by itself. */
  readonly isNamed: boolean
  readonly fields: readonly InferredField[]
  readonly indexes: readonly IndexDeclaration[]
  readonly plugins: readonly InferredPlugin[]
  /** Whether stored fields are left out when read, since no field can have their names. */
  readonly isStrict: boolean
  /** What is uncertain, or cannot be told. */
  readonly notes: readonly string[]
  readonly read: number
  readonly total: number
}

/** What was told from a database. */
export interface Inference {
  readonly models: readonly InferredModel[]
  readonly leftOut: readonly LeftOut[]
}

/** How it is told. */
export interface InferenceOptions extends SampleOptions {
  /** Models that are there already, by their collections. */
  readonly known: ReadonlyMap<string, string>
}

/** Tells the models of a database; those that are there already are referred to, and not told again. */
export async function inferModels(db: Db, options: InferenceOptions): Promise<Inference> {
  const { samples, leftOut } = await sampleCollections(db, options)
  const isEmpty = (sample: Sample) =>
    sample.read === 0 && Object.keys(schemaIn(sample.options)?.properties ?? {}).length === 0
  const told = samples.filter(sample => !isEmpty(sample) && !options.known.has(sample.collection))
  const names = namesOf(told, options.known)
  const targets = samples.filter(sample => sample.read > 0)
  const references = await findReferences(db, told, targets)
  const empty = samples.filter(sample => isEmpty(sample) && !options.known.has(sample.collection))
  return {
    models: told.map(sample => modelOf(sample, names.get(sample.collection)!, references)),
    leftOut: [
      ...leftOut,
      ...empty.map(({ collection }) => ({ collection, reason: 'empty, so nothing can be told of its fields' })),
    ],
  }
}

// Names that programs of JavaScript would miss.
const builtIn = new Set(
  'Array Boolean BigInt Buffer Date Error Function Infinity JSON Map Math NaN Number Object Promise Proxy Reflect RegExp Set String Symbol'.split(
    ' ',
  ),
)

/** Names each model once, without case: first the collections that a model of that name would take by itself. */
function namesOf(samples: readonly Sample[], known: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const taken = new Set([...known.values()].map(name => name.toLowerCase()))
  const names = new Map<string, string>()
  const isOwn = (collection: string) => collectionFor(modelFor(collection)) === collection
  for (const { collection } of [...samples].sort(
    (one, other) => Number(isOwn(other.collection)) - Number(isOwn(one.collection)),
  )) {
    const name = modelFor(collection)
    const own = builtIn.has(name) ? `${name}Record` : name
    const numbered = Array.from({ length: samples.length + taken.size }, (_, i) => `${own}${i + 2}`)
    const free = [own, ...numbered].find(candidate => !taken.has(candidate.toLowerCase()))!
    taken.add(free.toLowerCase())
    names.set(collection, free)
  }
  return names
}

function modelOf(sample: Sample, name: string, found: References): InferredModel {
  const { collection, summary, isWhole, read, total, options } = sample
  const schema = schemaIn(options)
  const all =
    read === 0
      ? fieldsBy(schema ?? {}, canBeField)
      : fieldsOf(summary, { isWhole, ...found, allowed: allowedBy(schema) }, { parent: '', canBe: canBeField })
  const { plugins, fields, added, notes } = findPlugins(sample, withoutUsualId(all))
  const declared = declareIndexes(sample.indexes, fields, { added, canBe: canBeField })
  const unnamed = [...summary.fields.keys()].filter(field => !canBeField(field))
  return {
    name,
    collection,
    isNamed: collectionFor(name) !== collection,
    fields: declared.fields,
    indexes: declared.indexes,
    plugins,
    isStrict: unnamed.length > 0 || summary.restNames > 0,
    notes: [...aboutCollection(sample), ...aboutNames(unnamed, summary.restNames), ...notes, ...declared.notes],
    read,
    total,
  }
}

function canBeField(name: string): boolean {
  return fieldNameFault(name) === undefined
}

function withoutUsualId(fields: readonly InferredField[]): readonly InferredField[] {
  return fields.filter(({ name, type }) => name !== '_id' || type.kind !== 'objectId')
}

function aboutCollection({ kind, options, read, total, isWhole }: Sample): readonly string[] {
  const rules = options.validator as Readonly<Record<string, unknown>> | undefined
  const isOtherRule = rules && Object.keys(rules).some(key => key !== '$jsonSchema')
  return [
    ...(kind === 'view' ? [`a view of ${String(options.viewOn)}: it is read, and takes no writes`] : []),
    ...(kind === 'time series' ? ['a time series: measurements are inserted and read, and hardly changed'] : []),
    ...(options.capped ? ['a capped collection: the oldest documents go when it is full'] : []),
    ...(options.clusteredIndex ? ['a clustered collection, kept in the order of _id'] : []),
    ...(isOtherRule ? [`the server checks more: ${JSON.stringify(rules)}`] : []),
    ...(read === 0 ? ['no documents yet: told from the validator of the collection'] : []),
    ...(isWhole ? [] : [`told from ${said(read)} of ${said(total)} documents`]),
  ]
}

function aboutNames(unnamed: readonly string[], rest: number): readonly string[] {
  const shown = unnamed.map(name => JSON.stringify(name)).join(', ')
  return [
    ...(unnamed.length > 0
      ? [`no field can be called ${shown}: strict leaves that out when it is read, and a save keeps it`]
      : []),
    ...(rest > 0
      ? [`${said(rest)} more names are in few documents each: strict leaves them out when they are read`]
      : []),
  ]
}
