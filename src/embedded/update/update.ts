// Compiles updates of all three kinds: operators, a replacement, a pipeline.
import type { Variables } from '../aggregate/environment.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Filter } from '../match/filter.ts'
import type { Collation } from '../values/collation.ts'
import { equalValues } from '../values/values.ts'
import { compileModifiers } from './modifiers.ts'
import { compileUpdatePipeline } from './pipeline.ts'
import { checkReplacement, replaced } from './replacement.ts'

export interface Update {
  readonly kind: 'operators' | 'replacement' | 'pipeline'
  /** the top-level fields that may change; null means all */
  readonly paths: ReadonlySet<string> | null
  /** the top-level fields that a document needs to have to be changed, where it is enough to put the results back */
  readonly reads?: ReadonlySet<string> | undefined
  /** Gives the changed document; the same one when nothing changed. */
  apply(document: Document, context?: UpdateContext): Document
}

export interface UpdateContext {
  /** whether the document is being inserted by an upsert, so that $setOnInsert applies */
  readonly inserting?: boolean | undefined
  /** the array index that the positional operator stands for; asked of the filter when it is not given */
  readonly position?: number | undefined
}

export interface UpdateOptions {
  readonly arrayFilters?: readonly Value[] | undefined
  readonly variables?: Variables | undefined
  readonly collation?: Collation | undefined
  readonly filter?: Filter | undefined
  readonly now?: Date | undefined
}

/** Compiles an update; throws MongoDB's error for a malformed one. */
export function compileUpdate(update: Document | readonly Value[], options: UpdateOptions = {}): Update {
  if (!(update instanceof Map)) return pipelineUpdate(update, options)
  const first = update.keys().next().value
  return first?.startsWith('$') === true ? operatorUpdate(update, options) : replacementUpdate(update, options)
}

function pipelineUpdate(stages: readonly Value[], options: UpdateOptions): Update {
  refuseArrayFilters(options, 'arrayFilters may not be specified for pipeline-style updates')
  const { collation, variables, now = new Date() } = options
  const run = compileUpdatePipeline(stages, { collation, variables, now })
  return { kind: 'pipeline', paths: null, apply: document => withSameId(document, run(document)) }
}

function replacementUpdate(replacement: Document, options: UpdateOptions): Update {
  refuseArrayFilters(options, 'arrayFilters may not be specified for replacement-style updates')
  checkReplacement(replacement)
  return {
    kind: 'replacement',
    paths: null,
    apply: document => replaced(document, replacement, options.now ?? new Date()),
  }
}

function refuseArrayFilters({ arrayFilters = [] }: UpdateOptions, message: string): void {
  if (arrayFilters.length > 0) throw new CommandError('FailedToParse', message)
}

function operatorUpdate(update: Document, options: UpdateOptions): Update {
  const { arrayFilters = [], collation, filter, now } = options
  const modifiers = compileModifiers(update, { arrayFilters, collation })
  return {
    kind: 'operators',
    paths: modifiers.fields,
    reads: modifiers.areLocal ? new Set([...modifiers.fields, '_id']) : undefined,
    apply: (document, { inserting = false, position } = {}) => {
      const changed = modifiers.apply(document, {
        inserting,
        position: () => position ?? filter?.position(document),
        now: now ?? new Date(),
      })
      return modifiers.fields.has('_id') ? withSameId(document, changed) : changed
    },
  }
}

function withSameId(before: Document, after: Document): Document {
  const id = before.get('_id')
  if (before === after || id === undefined || equalValues(id, after.get('_id'))) return after
  throw new CommandError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  )
}
