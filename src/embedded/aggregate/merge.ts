// Decides for each document of $merge what is to be written.
import { ObjectId } from 'mongodb'
import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { equalValues } from '../values/values.ts'
import { isNullish } from './operator.ts'
import type { MergeOutput } from './output.ts'
import { valueAtPath, withValueAt } from './path.ts'

export type MergeDecision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'insert' | 'replace'; readonly document: Document }

/** The document as it is merged: it has an _id, made up where it is missing and identifies documents. */
export function mergeInput(output: MergeOutput, document: Document): Document {
  if (document.has('_id') || !output.on.includes('_id')) return document
  return new Map<string, Value>([['_id', new ObjectId()], ...document])
}

/** The filter for the stored document that an incoming one stands for. */
export function mergeFilter(output: MergeOutput, incoming: Document): Document {
  const filter: Document = new Map()
  for (const path of output.on) {
    const value = valueAtPath(incoming, path.split('.'), 0)
    if (isNullish(value) || Array.isArray(value)) {
      throw new CommandError(
        51132,
        `$merge write error: 'on' field '${path}' cannot be missing, null, undefined or an array`,
      )
    }
    filter.set(path, new Map([['$eq', value]]))
  }
  return filter
}

/** What becomes of an incoming document, given the stored one with the same identity. */
export function mergeDecision(output: MergeOutput, stored: Document | undefined, incoming: Document): MergeDecision {
  if (!stored) return unmatched(output, incoming)
  const { whenMatched } = output
  if (whenMatched === 'keepExisting') return { kind: 'nothing' }
  if (whenMatched === 'fail') {
    throw new CommandError(
      'DuplicateKey',
      `E11000 duplicate key error: $merge found an existing document, and whenMatched is 'fail'`,
      { fields: identityOf(output.on, stored) },
    )
  }
  const document = keepingId(merged(whenMatched, stored, incoming), stored)
  return { kind: 'replace', document }
}

/** The fields by which documents are the same, as an index on them would be named. */
function identityOf(on: readonly string[], stored: Document): ReadonlyMap<string, Value> {
  return new Map([
    ['keyPattern', new Map(on.map(path => [path, int32(1)]))],
    ['keyValue', new Map(on.map(path => [path, stored.get(path) ?? null]))],
  ])
}

function unmatched({ whenNotMatched }: MergeOutput, incoming: Document): MergeDecision {
  if (whenNotMatched === 'discard') return { kind: 'nothing' }
  if (whenNotMatched === 'fail') {
    throw new CommandError(
      'MergeStageNoMatchingDocument',
      '$merge could not find a matching document in the target collection for at least one document in the source collection',
    )
  }
  return {
    kind: 'insert',
    document: incoming.has('_id') ? incoming : new Map<string, Value>([['_id', new ObjectId()], ...incoming]),
  }
}

function merged(
  whenMatched: Exclude<MergeOutput['whenMatched'], 'keepExisting' | 'fail'>,
  stored: Document,
  incoming: Document,
): Document {
  if (whenMatched === 'replace') return incoming
  if (whenMatched !== 'merge') return whenMatched(stored, incoming)
  let document = stored
  for (const [name, value] of incoming) document = withValueAt(document, [name], value)
  return document
}

/** The _id of a stored document never changes; one that is left out stays. */
function keepingId(document: Document, stored: Document): Document {
  const id = document.get('_id')
  if (id === undefined) return new Map<string, Value>([['_id', stored.get('_id')!], ...document])
  if (equalValues(id, stored.get('_id'))) return document
  throw new CommandError(
    'ImmutableField',
    '$merge failed to update the matching document, did you attempt to modify the _id or the shard key?',
  )
}
