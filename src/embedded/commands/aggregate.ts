// Runs a pipeline over a collection, a view or a whole database.
import { compilePipeline, type Pipeline } from '../aggregate/pipeline.ts'
import type { Document, Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collationAt, collectionName, countAt, flagAt, objectAt } from '../operation/arguments.ts'
import { firstReply } from '../operation/first-batch.ts'
import { onView } from '../operation/namespace.ts'
import type { Command, Operation, Reply } from '../operation/room.ts'
import { variablesOf } from '../operation/variables.ts'
import { resolve } from '../operation/views.ts'
import { Scans } from '../query/scans.ts'
import { leadingOf, StoredSource } from '../query/source.ts'
import { writeOutput } from '../writes/pipeline-output.ts'

export const aggregate: Command = {
  help: 'runs a pipeline',
  inTransactions: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, FIELDS, ['pipeline'])
    if (!request.body.has('cursor'))
      throw new CommandError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      )
    return runAggregate(operation, nameOf(operation), request.body.get('pipeline') as Value[])
  },
}

const FIELDS = {
  pipeline: 'array',
  cursor: 'object',
  explain: 'bool',
  allowDiskUse: 'bool',
  bypassDocumentValidation: 'bool',
  collation: 'object',
  hint: 'hint',
  let: 'object',
  fromMongos: 'bool',
  needsMerge: 'bool',
  exchange: 'any',
  isMapReduceCommand: 'bool',
  encryptionInformation: 'any',
} as const

/** Gives the collection, or undefined for `aggregate: 1`, which runs over no collection. */
export function nameOf({ request }: Operation): string | undefined {
  const name = request.body.get('aggregate')
  if (typeof name === 'string') return collectionName(request)
  if (Number(name) === 1) return undefined
  throw new CommandError(
    'FailedToParse',
    "Invalid command format: the 'aggregate' field must specify a collection name or 1",
  )
}

export interface Prepared {
  readonly pipeline: Pipeline
  readonly source: StoredSource
  readonly scans: Scans
  /** the collection below all views */
  readonly below: string | undefined
}

/** Compiles the stages of a command, behind those of the views it names. */
export function prepare(operation: Operation, name: string | undefined, stages: readonly Value[]): Prepared {
  const { request, room, data, limit } = operation
  const { db, body } = request
  const now = new Date()
  const scans = new Scans()
  const found = name === undefined ? undefined : resolve(room, data, { db, name })
  const collation = body.has('collation') ? collationAt(body) : found?.collation
  const hint = body.get('hint') ?? undefined
  const variables = variablesOf(body, now)
  const allowsDisk = body.get('allowDiskUse') !== false
  const source = new StoredSource(room, {
    db,
    collection: found?.name,
    data,
    scans,
    collation,
    now,
    variables,
    hint,
    limit,
    allowsDisk,
  })
  if (isAboutStorage(stages[0]) && name !== undefined && room.catalog.collection(data, db, name)?.view)
    throw onView(`${db}.${name}`)
  const all = [...(found?.pipeline ?? []), ...stages]
  const pipeline = compilePipeline(all, { source, collation, now, variables, time: limit, allowsDisk })
  if (name === undefined && !pipeline.generates) throw needsCollection(stages)
  if (name !== undefined && stages[0] instanceof Map && stages[0].has('$documents'))
    throw new CommandError('InvalidNamespace', "'$documents' can only be run with {aggregate: 1}")
  return { pipeline, source, scans, below: found?.name }
}

function isAboutStorage(stage: Value | undefined): boolean {
  return stage instanceof Map && (stage.has('$collStats') || stage.has('$indexStats'))
}

function needsCollection(stages: readonly Value[]): CommandError {
  const [first = ''] = (stages[0] as Document | undefined)?.keys() ?? []
  return new CommandError('InvalidNamespace', `{aggregate: 1} is not valid for '${first}'; a collection is required.`)
}

export function runAggregate(
  operation: Operation,
  name: string | undefined,
  stages: readonly Value[],
): Reply | Promise<Reply> {
  const { request } = operation
  const { pipeline, source, scans, below } = prepare(operation, name, stages)
  const { leading } = pipeline
  const run = () => {
    if (below === undefined || pipeline.generates) return pipeline.run([])
    return pipeline.run(source.documents(request.db, below, leadingOf(leading)), { from: leading.rest })
  }
  if (pipeline.output) checkReadConcern(request.body)
  if (pipeline.output) return writeOutput(operation, { name: name ?? '', output: pipeline.output, run, scans })
  const cursor = objectAt(request.body, 'cursor') ?? request.body
  return firstReply(operation, {
    namespace: `${request.db}.${name ?? '$cmd.aggregate'}`,
    results: { [Symbol.iterator]: () => encoded(run) },
    scans,
    batchSize: countAt(cursor, 'batchSize', 'aggregate.cursor'),
    isSingle: flagAt(request.body, 'singleBatch'),
  })
}

function* encoded(run: () => Iterable<Document>): Generator<Buffer> {
  for (const document of run()) yield encodeDocument(document)
}

/** What is written from cannot be waited for. */
function checkReadConcern(body: Document): void {
  if (objectAt(body, 'readConcern')?.get('level') === 'linearizable')
    throw new CommandError('InvalidOptions', "$out and $merge cannot be used with a 'linearizable' read concern level")
}
