// Reads the specification of $lookup and refuses malformed ones.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isCollectionName } from '../../values/collection-names.ts'
import { typeName } from '../../values/type-names.ts'

export interface LookupSpecification {
  readonly db: string
  /** undefined where the pipeline makes its documents itself */
  readonly from: string | undefined
  readonly as: string
  readonly equality: { readonly local: string; readonly foreign: string } | undefined
  readonly variables: Document
  readonly pipeline: readonly Value[] | undefined
}

const known = new Set(['from', 'as', 'localField', 'foreignField', 'let', 'pipeline'])

export function lookupSpecification(specification: Value, db: string): LookupSpecification {
  if (!(specification instanceof Map))
    throw failed(`the $lookup stage specification must be an object, but found ${typeName(specification)}`)
  for (const key of specification.keys()) if (!known.has(key)) throw failed(`unknown argument to $lookup: ${key}`)
  const pipeline = pipelineIn(specification)
  const as = textIn(specification, 'as')
  if (as === undefined) throw failed("must specify 'as' field for a $lookup")
  const equality = equalityIn(specification)
  if (!equality && !pipeline)
    throw failed("$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified")
  const from =
    specification.get('from') instanceof Map
      ? fromObject(specification.get('from') as Document)
      : { db, from: textIn(specification, 'from') }
  if (from.from === undefined && !makesDocuments(pipeline)) throw failed("must specify 'from' field for a $lookup")
  if (from.from !== undefined && !isCollectionName(from.from))
    throw new CommandError('InvalidNamespace', `invalid $lookup namespace: ${from.db}.${from.from}`)
  return { ...from, as, equality, pipeline, variables: variablesIn(specification, pipeline) }
}

function makesDocuments(pipeline: readonly Value[] | undefined): boolean {
  const first = pipeline?.[0]
  return first instanceof Map && first.has('$documents')
}

function failed(message: string): CommandError {
  return new CommandError('FailedToParse', message)
}

function textIn(specification: Document, key: string): string | undefined {
  const value = specification.get(key)
  if (value === undefined || typeof value === 'string') return value
  throw failed(`$lookup argument '${key}' must be a string, is type ${typeName(value)}`)
}

function fromObject(from: Document): { db: string; from: string } {
  const db = from.get('db')
  const collection = from.get('coll')
  if (typeof db === 'string' && typeof collection === 'string') return { db, from: collection }
  throw failed("$lookup argument 'from' must be a string or an object with 'db' and 'coll'")
}

function equalityIn(specification: Document) {
  const local = textIn(specification, 'localField')
  const foreign = textIn(specification, 'foreignField')
  if (local === undefined && foreign === undefined) return undefined
  if (local !== undefined && foreign !== undefined) return { local, foreign }
  throw failed("$lookup requires both or neither of 'localField' and 'foreignField' to be specified")
}

function pipelineIn(specification: Document): readonly Value[] | undefined {
  const pipeline = specification.get('pipeline')
  if (pipeline === undefined || Array.isArray(pipeline)) return pipeline
  throw new CommandError('TypeMismatch', "'pipeline' option must be specified as an array")
}

function variablesIn(specification: Document, pipeline: readonly Value[] | undefined): Document {
  const variables = specification.get('let')
  if (variables === undefined) return new Map()
  if (!(variables instanceof Map))
    throw failed(`$lookup argument 'let' must be an object, is type ${typeName(variables)}`)
  if (pipeline) return variables
  throw failed("$lookup with a 'let' argument must also specify 'pipeline'")
}
