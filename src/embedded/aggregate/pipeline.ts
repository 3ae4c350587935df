// Compiles pipelines: checks their stages, runs documents through them and says what storage can do first.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Output } from './output.ts'
import {
  bothFields,
  type InnerPipeline,
  type Leading,
  type Place,
  type Push,
  type Stage,
  type StageContext,
  type StageEnvironment,
} from './stage.ts'
import { checkPlace, stages } from './stages.ts'

export interface Pipeline extends InnerPipeline {
  /** Runs documents through the stages, or through those from a number on. */
  run(input: Iterable<Document>, options?: { readonly from?: number }): Iterable<Document>
  readonly output?: Output | undefined
  /** whether the first stage makes the documents itself, as $documents does */
  readonly generates: boolean
}

/** Compiles a pipeline; throws MongoDB's error for a malformed stage. */
export function compilePipeline(
  specifications: readonly Value[],
  environment: StageEnvironment,
  place: Place = 'top',
): Pipeline {
  const names = specifications.map(stageName)
  const compiled = specifications.map((specification, at) => {
    const context: StageContext = {
      environment,
      place,
      first: at === 0,
      last: at === specifications.length - 1,
      following: specifications.slice(at + 1),
      compilePipeline,
    }
    checkPlace(names[at]!, context)
    return stages[names[at]!]!((specification as Document).get(names[at]!)!, context)
  })
  return {
    run: (input, { from = 0 } = {}) =>
      compiled.slice(from).reduce((documents, stage) => timely(stage.run(documents), environment), input),
    leading: leadingOf(compiled),
    output: compiled.at(-1)?.output,
    generates: generating.has(names[0] ?? ''),
    stages: names,
  }
}

function timely(documents: Iterable<Document>, { time }: StageEnvironment): Iterable<Document> {
  return time === undefined ? documents : checked(documents, time)
}

function* checked(documents: Iterable<Document>, time: { check(): void }): Generator<Document> {
  for (const document of documents) {
    time.check()
    yield document
  }
}

const generating = new Set([
  '$documents',
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$listSessions',
  '$listLocalSessions',
  '$planCacheStats',
])

function stageName(specification: Value): string {
  if (!(specification instanceof Map)) {
    throw new CommandError('TypeMismatch', "Each element of the 'pipeline' array must be an object")
  }
  const [name] = specification.keys()
  if (specification.size !== 1 || name === undefined) {
    throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.')
  }
  if (!Object.hasOwn(stages, name)) throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`)
  return name
}

const ranks = { filter: 0, sort: 1, skip: 2, limit: 3 }

/** Takes the first stages that storage understands, as long as they come as filter, sort, skip, limit. */
function leadingOf(compiled: readonly Stage[]): Leading {
  const filters: Document[] = []
  const found: { sort?: Document; skip?: number; limit?: number } = {}
  let rank = 0
  let rest = 0
  let afterFilter = 0
  for (const { push } of compiled) {
    if (!push || ranks[push.kind] < rank || (push.kind !== 'filter' && ranks[push.kind] === rank)) break
    rank = ranks[push.kind]
    rest++
    if (push.kind === 'filter') afterFilter = filters.push(push.filter)
    else note(found, push)
  }
  const restFields = fieldsOf(compiled.slice(rest))
  return { ...found, filter: allOf(filters), fields: fieldsOf(compiled), restFields, afterFilter, rest }
}

function note(found: { sort?: Document; skip?: number; limit?: number }, push: Push): void {
  if (push.kind === 'sort') found.sort = push.sort
  if (push.kind === 'skip') found.skip = push.count
  if (push.kind === 'limit') found.limit = push.count
}

function allOf(filters: readonly Document[]): Document | undefined {
  return filters.length > 1 ? new Map<string, Value>([['$and', [...filters]]]) : filters[0]
}

function fieldsOf(compiled: readonly Stage[]): ReadonlySet<string> | null {
  let fields: ReadonlySet<string> | null = new Set()
  for (const stage of compiled) {
    fields = bothFields(fields, stage.reads)
    if (fields === null || stage.closes) return fields
  }
  return null
}
