// A source of documents in memory, with a command that aggregates over it as the server does.

import { mergeDecision, mergeFilter, mergeInput } from '../../src/embedded/aggregate/merge.ts'
import type { MergeOutput } from '../../src/embedded/aggregate/output.ts'
import { compilePipeline, type Pipeline } from '../../src/embedded/aggregate/pipeline.ts'
import type { Source, Wanted } from '../../src/embedded/aggregate/source.ts'
import type { Document, Value } from '../../src/embedded/bson/decode.ts'
import { compileFilter } from '../../src/embedded/match/filter.ts'
import { collationOf } from '../../src/embedded/values/collation.ts'

export type Collections = Map<string, Document[]>

export function memorySource(collections: Collections, collection?: string): Source {
  return {
    db: 'test',
    collection,
    documents: (_db, name, { filter }: Wanted = {}) => {
      const documents = collections.get(name) ?? []
      if (!filter) return documents
      const compiled = compileFilter(filter)
      return documents.filter(document => compiled.matches(document))
    },
  }
}

export interface Aggregated {
  readonly documents: readonly Document[]
  readonly pipeline: Pipeline
}

/** Runs an aggregate command; what $out and $merge write goes into the collections. */
export function aggregate(collections: Collections, command: Document): Aggregated {
  const name = command.get('aggregate')
  const collection = typeof name === 'string' ? name : undefined
  const collation = collationOf(command.get('collation') as Document | undefined)
  const environment = {
    now: new Date(),
    collation,
    source: memorySource(collections, collection),
    variables: command.get('let') as Map<string, Value> | undefined,
  }
  const pipeline = compilePipeline(command.get('pipeline') as Value[], environment)
  const input = collection === undefined ? [] : (collections.get(collection) ?? [])
  const documents = [...pipeline.run(input)]
  const { output } = pipeline
  if (!output) return { documents, pipeline }
  if (output.kind === 'out') collections.set(output.collection, documents)
  else merge(collections, output, documents)
  return { documents: [], pipeline }
}

function merge(collections: Collections, output: MergeOutput, documents: readonly Document[]): void {
  const target = collections.get(output.collection) ?? []
  collections.set(output.collection, target)
  for (const document of documents) {
    const incoming = mergeInput(output, document)
    const filter = compileFilter(mergeFilter(output, incoming))
    const at = target.findIndex(each => filter.matches(each))
    const decision = mergeDecision(output, target[at], incoming)
    if (decision.kind === 'insert') target.push(decision.document)
    if (decision.kind === 'replace') target[at] = decision.document
  }
}
