// Says what a stage of a pipeline is, and what it may ask for while it is compiled.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { typeName } from '../values/type-names.ts'
import { type Environment, NO_VARIABLES, type Variables } from './environment.ts'
import type { Output } from './output.ts'
import type { Source } from './source.ts'

export interface Stage {
  run(input: Iterable<Document>): Iterable<Document>
  /** the top-level fields of its input that it reads; null means all */
  readonly reads: ReadonlySet<string> | null
  /** later stages see nothing of the input but what this stage reads */
  readonly closes?: boolean
  /** what a storage can do in place of this stage */
  readonly push?: Push
  /** where the results are written; only of a last stage */
  readonly output?: Output
}

export type Push =
  | { readonly kind: 'filter'; readonly filter: Document }
  | { readonly kind: 'sort'; readonly sort: Document }
  | { readonly kind: 'skip' | 'limit'; readonly count: number }

export interface StageEnvironment extends Environment {
  readonly source: Source
  /** whether a large sort may use a file; it may unless told */
  readonly allowsDisk?: boolean | undefined
  /** stops a pipeline, by an error between two documents, whose time is over */
  readonly time?: { check(): void } | undefined
}

export interface InnerPipeline {
  run(input: Iterable<Document>): Iterable<Document>
  /** what it does at its beginning, which the storage may do instead */
  readonly leading: Leading
  readonly stages: readonly string[]
}

export interface Leading {
  readonly filter?: Document | undefined
  readonly sort?: Document | undefined
  readonly skip?: number | undefined
  readonly limit?: number | undefined
  /** the top-level fields that the pipeline reads of its input; null means all */
  readonly fields: ReadonlySet<string> | null
  /** those that the stages from `rest` on read */
  readonly restFields: ReadonlySet<string> | null
  /** the number of the first stage after the filter alone */
  readonly afterFilter: number
  /** the number of the first stage after all that is said here */
  readonly rest: number
}

/** Where a pipeline stands: not all stages are allowed everywhere. */
export type Place = 'top' | 'lookup' | 'facet' | 'union' | 'update'

export interface StageContext {
  readonly environment: StageEnvironment
  readonly place: Place
  readonly first: boolean
  readonly last: boolean
  /** the stages that come after this one */
  readonly following: readonly Value[]
  compilePipeline(stages: readonly Value[], environment: StageEnvironment, place: Place): InnerPipeline
}

export type StageOperator = (specification: Value, context: StageContext) => Stage

export const NO_FIELDS: ReadonlySet<string> = new Set()

export function variablesOf(environment: Environment): Variables {
  return environment.variables ?? NO_VARIABLES
}

export function documentSpecification(specification: Value, name: string, code: number): Document {
  if (specification instanceof Map) return specification
  throw new CommandError(
    code,
    `the ${name} stage specification must be an object, but found ${typeName(specification)}`,
  )
}

/** Checks that the specification of a stage is a document of known options, and gives it back. */
export function knownOptions(specification: Value, name: string, known: ReadonlySet<string>): Document {
  if (!(specification instanceof Map)) {
    throw new CommandError(
      'FailedToParse',
      `the ${name} stage specification must be an object, found ${typeName(specification)}`,
    )
  }
  for (const key of specification.keys())
    if (!known.has(key)) throw new CommandError(40415, `BSON field '${name}.${key}' is an unknown field.`)
  return specification
}

/** Both sets of fields; null, which stands for all, wins. */
export function bothFields(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): ReadonlySet<string> | null {
  if (a === null || b === null) return null
  if (b.size === 0) return a
  return new Set([...a, ...b])
}
