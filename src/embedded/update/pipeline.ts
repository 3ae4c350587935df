// Runs updates that are pipelines of $set, $unset, $replaceWith and their like.
import type { Variables } from '../aggregate/environment.ts'
import { compilePipeline } from '../aggregate/pipeline.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collation } from '../values/collation.ts'
import { isIdentical } from '../values/identity.ts'
import { withId } from './replacement.ts'

export interface UpdatePipelineOptions {
  readonly collation: Collation | undefined
  readonly variables: Variables | undefined
  readonly now: Date
}

/** Compiles the stages into a function from the old document to the new one. */
export function compileUpdatePipeline(
  stages: readonly Value[],
  options: UpdatePipelineOptions,
): (document: Document) => Document {
  const pipeline = compilePipeline(stages, { ...options, source: NO_COLLECTIONS }, 'update')
  return document => {
    const [result = document] = pipeline.run([document])
    const complete = result.has('_id') ? result : withId(document.get('_id'), result)
    return isIdentical(complete, document) ? document : complete
  }
}

/** The stages of an update read nothing but its document. */
const NO_COLLECTIONS = {
  db: '',
  documents: (): never => {
    throw new CommandError('InvalidOptions', 'a stage of an update cannot read a collection')
  },
}
