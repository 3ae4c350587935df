// Runs pipelines and expressions written as plain literals, for short tests.
import { compileExpression } from '../../src/embedded/aggregate/expression.ts'
import type { Document } from '../../src/embedded/bson/decode.ts'
import { document, plainOf, value } from '../../src/embedded/bson/literal.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { aggregate, type Collections } from './memory-source.ts'

type Literals = readonly Readonly<Record<string, unknown>>[]

/** The results of a pipeline over the collection `c`, as plain objects. */
export function results(
  stages: Literals,
  documents: Literals,
  others: Readonly<Record<string, Literals>> = {},
): unknown[] {
  const collections: Collections = new Map([['c', documents.map(document)]])
  for (const [name, literals] of Object.entries(others)) collections.set(name, literals.map(document))
  return aggregate(collections, document({ aggregate: 'c', pipeline: stages })).documents.map(plainOf)
}

/** The value of an expression on a document, with its BSON type. */
export function evaluated(expression: unknown, root: Readonly<Record<string, unknown>> = {}): unknown {
  const made: Document = document(root)
  return compileExpression(value(expression), { now: new Date(0) }).evaluate(made, new Map())
}

/** The code of the error that something fails with. */
export function codeOf(run: () => unknown): number | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof CommandError) return error.code
    throw error
  }
  return undefined
}
