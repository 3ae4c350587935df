// Runs inserts, updates and deletes of several collections in one command.
import { type Document, decodeDocument, int32, type Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { elements } from '../bson/walk.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, checkFields, countAt, flagAt, numberAt, objectAt } from '../operation/arguments.ts'
import { toCommandError } from '../operation/error-reply.ts'
import { firstReply } from '../operation/first-batch.ts'
import type { Command, Operation } from '../operation/room.ts'
import { Scans } from '../query/scans.ts'
import type { Data } from '../store/data.ts'
import { type Place, removeDocuments, updateDocuments } from '../writes/changes.ts'
import { readyToInsert } from '../writes/new-document.ts'
import { placeToChange } from '../writes/place-to-change.ts'
import { checkBatchSize, isFatal } from '../writes/write-errors.ts'
import { askedToDelete } from './delete.ts'
import { askedToUpdate } from './update.ts'

export const bulkWrite: Command = {
  help: 'inserts, updates and deletes documents of several collections',
  inTransactions: true,
  retryable: true,
  adminOnly: true,
  run: async operation => {
    const { request } = operation
    checkCommand(request, FIELDS, ['ops', 'nsInfo'])
    const names = namesOf(operation)
    const steps = (request.documents.get('ops') ?? []).map(bytes => stepOf(bytes, names))
    checkBatchSize(steps.length)
    return replyOf(operation, await operation.write(data => runAll(operation, data, steps)))
  },
}

const FIELDS = {
  ops: 'array',
  nsInfo: 'array',
  ordered: 'flag',
  errorsOnly: 'bool',
  let: 'object',
  bypassDocumentValidation: 'bool',
  cursor: 'object',
} as const

const STEP_FIELDS = {
  insert: { insert: 'number', document: 'object' },
  update: {
    update: 'number',
    filter: 'object',
    updateMods: 'update',
    multi: 'flag',
    upsert: 'flag',
    arrayFilters: 'array',
    collation: 'object',
    constants: 'object',
    hint: 'hint',
    sort: 'object',
  },
  delete: { delete: 'number', filter: 'object', multi: 'flag', collation: 'object', hint: 'hint' },
} as const

const REQUIRED = { insert: ['document'], update: ['filter', 'updateMods'], delete: ['filter'] } as const

interface Step {
  readonly kind: keyof typeof STEP_FIELDS
  readonly db: string
  readonly name: string
  readonly fields: Document
  /** the document of an insert, as it came */
  readonly document: Buffer | undefined
}

function namesOf({ request }: Operation): readonly string[] {
  const listed = request.documents.get('nsInfo')?.map(bytes => decodeDocument(bytes))
  return (listed ?? (request.body.get('nsInfo') as Document[])).map(entry => {
    const namespace = entry instanceof Map ? entry.get('ns') : undefined
    if (typeof namespace === 'string' && namespace.indexOf('.') > 0) return namespace
    throw new CommandError('InvalidNamespace', 'Invalid namespace specified for bulkWrite in nsInfo')
  })
}

function stepOf(bytes: Buffer, names: readonly string[]): Step {
  const fields = decodeDocument(bytes)
  const kind = fields.keys().next().value as Step['kind']
  if (!Object.hasOwn(STEP_FIELDS, kind ?? ''))
    throw new CommandError('FailedToParse', `BulkWrite: unrecognized operation '${kind}'`)
  checkFields(fields, { name: 'bulkWrite.ops', fields: STEP_FIELDS[kind], required: REQUIRED[kind] })
  const namespace = names[numberAt(fields, kind)!]
  if (namespace === undefined)
    throw new CommandError('BadValue', `BulkWrite ops entry has an invalid nsInfo index: ${numberAt(fields, kind)}`)
  const dot = namespace.indexOf('.')
  return {
    kind,
    db: namespace.slice(0, dot),
    name: namespace.slice(dot + 1),
    fields,
    document: kind === 'insert' ? documentIn(bytes) : undefined,
  }
}

function documentIn(bytes: Buffer): Buffer | undefined {
  for (const { name, valueStart, valueEnd } of elements(bytes))
    if (name === 'document') return bytes.subarray(valueStart, valueEnd)
  return undefined
}

class Outcome {
  readonly entries: Document[] = []
  readonly counts = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 }

  done(index: number, fields: Document): void {
    this.entries.push(new Map<string, Value>([['ok', 1], ['idx', int32(index)], ...fields]))
  }

  failed(index: number, error: CommandError): void {
    this.counts.nErrors++
    this.entries.push(
      new Map<string, Value>([
        ['ok', 0],
        ['idx', int32(index)],
        ['code', int32(error.code)],
        ...([...error.fields] as [string, Value][]),
        ['errmsg', error.message],
        ['n', int32(0)],
      ]),
    )
  }
}

function runAll(operation: Operation, data: Data, steps: readonly Step[]): Outcome {
  const { request, transaction } = operation
  const isOrdered = request.body.get('ordered') !== false
  const places = new Map<string, Place>()
  const outcome = new Outcome()
  for (const [index, step] of steps.entries()) {
    try {
      const place = placeOf(operation, data, { step, steps, places })
      outcome.done(index, RUN[step.kind](place, step, { operation, outcome }))
    } catch (thrown) {
      const error = toCommandError(thrown)
      if (transaction || isFatal(error)) throw error
      outcome.failed(index, error)
      if (isOrdered) break
    }
  }
  for (const place of places.values()) place.writer.finish()
  return outcome
}

interface Surroundings {
  readonly step: Step
  readonly steps: readonly Step[]
  readonly places: Map<string, Place>
}

/** One place for each collection, as its writer counts the records it has given out. */
function placeOf(operation: Operation, data: Data, { step, steps, places }: Surroundings): Place {
  const namespace = `${step.db}.${step.name}`
  const known = places.get(namespace)
  if (known) return known
  const creates = steps.some(
    other =>
      other.db === step.db &&
      other.name === step.name &&
      (other.kind === 'insert' || (other.kind === 'update' && flagAt(other.fields, 'upsert'))),
  )
  const there = { ...operation, request: { ...operation.request, db: step.db } }
  const place = placeToChange(there, data, { name: step.name, creates })
  places.set(namespace, place)
  return place
}

interface Ground {
  readonly operation: Operation
  readonly outcome: Outcome
}

const RUN: Readonly<Record<Step['kind'], (place: Place, step: Step, ground: Ground) => Document>> = {
  insert: (place, { document }, { outcome }) => {
    const ready = readyToInsert(document!)
    place.check?.(ready)
    place.writer.insert(ready)
    outcome.counts.nInserted++
    return new Map([['n', int32(1)]])
  },
  update: (place, { fields }, { operation, outcome }) => {
    const statement = renamed(fields, { filter: 'q', updateMods: 'u', constants: 'c' })
    const { matched, modified, upserted } = updateDocuments(
      place,
      askedToUpdate(operation, statement, place.collection),
    )
    outcome.counts.nMatched += matched
    outcome.counts.nModified += modified
    const counted: Document = new Map([
      ['n', int32(matched + (upserted ? 1 : 0))],
      ['nModified', int32(modified)],
    ])
    if (!upserted) return counted
    outcome.counts.nUpserted++
    return counted.set('upserted', new Map([['_id', decodeDocument(upserted.bytes).get('_id')!]]))
  },
  delete: (place, { fields }, { operation, outcome }) => {
    const statement = renamed(fields, { filter: 'q' })
    const asked = askedToDelete(operation, statement, place.collection)
    const { count } = removeDocuments(place, { ...asked, multi: flagAt(fields, 'multi') })
    outcome.counts.nDeleted += count
    return new Map([['n', int32(count)]])
  },
}

function renamed(fields: Document, names: Readonly<Record<string, string>>): Document {
  return new Map([...fields].map(([name, value]) => [names[name] ?? name, value]))
}

/** The results come as a cursor, beside the totals. */
function replyOf(operation: Operation, { entries, counts }: Outcome): Document {
  const { body } = operation.request
  const shown = flagAt(body, 'errorsOnly') ? entries.filter(entry => entry.get('ok') === 0) : entries
  const reply = firstReply(operation, {
    namespace: 'admin.$cmd.bulkWrite',
    results: shown.map(entry => encodeDocument(entry)),
    scans: new Scans(),
    batchSize: countAt(objectAt(body, 'cursor') ?? new Map(), 'batchSize', 'bulkWrite.cursor'),
  })
  const totals = Object.entries(counts).map(([name, count]) => [name, int32(count)] as const)
  return new Map<string, Value>([...decodeDocument(reply), ...totals])
}
