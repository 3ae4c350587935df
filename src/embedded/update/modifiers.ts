// Compiles updates made of operators, such as { $set: { a: 1 } }.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collation } from '../values/collation.ts'
import { textOf } from '../values/text.ts'
import { typeName } from '../values/type-names.ts'
import { bit, inc, mul } from './arithmetic.ts'
import { type ArrayFilters, compileArrayFilters } from './array-filters.ts'
import { currentDate, max, min, set, unset } from './assignment.ts'
import type { Change, Operator } from './change.ts'
import { ChangedPaths } from './conflicts.ts'
import { Editor } from './editor.ts'
import { addToSet, push } from './insertion.ts'
import { pop, pull, pullAll } from './removal.ts'
import { applyRename, type Rename, renameOf } from './rename.ts'
import { comparePaths, placeholderName, type UpdatePath, updatePath } from './update-path.ts'

export interface Modifiers {
  /** the top-level fields that may change */
  readonly fields: ReadonlySet<string>
  /** whether they look at no other fields than those, and leave them in their places */
  readonly areLocal: boolean
  /** Gives the changed document, or the same one when nothing changed. */
  apply(document: Document, context: ModifierContext): Document
}

export interface ModifierContext {
  readonly inserting: boolean
  readonly position: () => number | undefined
  readonly now: Date
}

export interface ModifierOptions {
  readonly arrayFilters: readonly Value[]
  readonly collation: Collation | undefined
}

/** Compiles the operators; throws MongoDB's error for malformed ones and for conflicts between paths. */
export function compileModifiers(update: Document, options: ModifierOptions): Modifiers {
  const filters = compileArrayFilters(options.arrayFilters, options.collation)
  const clock = { now: new Date(0) }
  const steps = [...update].flatMap(([operator, fields]) =>
    stepsOf(operator, fields, { filters, collation: options.collation, now: () => clock.now }),
  )
  checkFiltersAreUsed(update, steps, filters)
  refuseConflicts(steps)
  steps.sort((a, b) => comparePaths(a.path, b.path))
  const tracks = steps.length > 1 && steps.some(step => step.path.dynamic)
  return {
    fields: new Set(steps.flatMap(step => step.paths.map(path => path.parts[0]!))),
    areLocal: steps.every(({ path, paths }) => paths.length === 1 && !path.parts.includes('$')),
    apply: (document, context) => {
      clock.now = context.now
      const editor = new Editor(document, { filters, position: context.position, tracks })
      for (const step of steps) if (context.inserting || !step.onInsertOnly) step.run(editor)
      return editor.document
    },
  }
}

interface Step {
  readonly path: UpdatePath
  readonly paths: readonly UpdatePath[]
  readonly onInsertOnly: boolean
  readonly run: (editor: Editor) => void
}

interface StepScope {
  readonly filters: ArrayFilters
  readonly collation: Collation | undefined
  readonly now: () => Date
}

const OPERATORS = new Map<string, Operator>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', unset],
  ['$inc', inc],
  ['$mul', mul],
  ['$min', min],
  ['$max', max],
  ['$bit', bit],
  ['$currentDate', currentDate],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pull', pull],
  ['$pullAll', pullAll],
  ['$pop', pop],
])

function stepsOf(operator: string, fields: Value, scope: StepScope): readonly Step[] {
  const compile = OPERATORS.get(operator)
  if (compile === undefined && operator !== '$rename')
    throw new CommandError(
      'FailedToParse',
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    )
  if (!(fields instanceof Map))
    throw new CommandError(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${textOf(fields)}}`,
    )
  return [...fields].map(([text, operand]) => {
    if (compile === undefined) return renameStep(renameOf(text, operand))
    const path = updatePath(text, scope.filters)
    return changeStep(path, compile(operand, { path: text, ...scope }), { onInsertOnly: operator === '$setOnInsert' })
  })
}

function changeStep(path: UpdatePath, change: Change, { onInsertOnly }: { onInsertOnly: boolean }): Step {
  return { path, paths: [path], onInsertOnly, run: editor => editor.change(path, change) }
}

function renameStep(rename: Rename): Step {
  const { from, to } = rename
  return { path: to, paths: [from, to], onInsertOnly: false, run: editor => applyRename(editor, rename) }
}

function refuseConflicts(steps: readonly Step[]): void {
  const changed = new ChangedPaths()
  for (const step of steps) for (const path of step.paths) changed.add(path.parts)
}

function checkFiltersAreUsed(update: Document, steps: readonly Step[], filters: ArrayFilters): void {
  const used = new Set(steps.flatMap(step => step.path.parts.map(placeholderName)))
  for (const name of filters.keys()) {
    if (!used.has(name))
      throw new CommandError(
        'FailedToParse',
        `The array filter for identifier '${name}' was not used in the update ${textOf(update)}`,
      )
  }
}
