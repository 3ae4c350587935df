// Compiles the projections of find, findAndModify and $project.
import { NO_VARIABLES, type Variables } from '../aggregate/environment.ts'
import { compileExpression } from '../aggregate/expression.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileFilter, type Filter } from '../match/filter.ts'
import type { Collation } from '../values/collation.ts'
import { type Entry, entriesOf, type ProjectionPlace } from './entries.ts'
import { pickedAt, slicedAt } from './slice.ts'
import { addBranch, type Compute, compute, excluded, included, isComputing, type Tree } from './tree.ts'

export interface Projection {
  /** the top-level fields that it reads; null means all */
  readonly fields: ReadonlySet<string> | null
  /** the top-level fields it keeps as they are, where it does nothing else */
  readonly keeps: ReadonlySet<string> | undefined
  apply(document: Document): Document
}

export interface ProjectionOptions {
  readonly filter?: Filter | undefined
  readonly collation?: Collation | undefined
  readonly variables?: Variables | undefined
  readonly now?: Date | undefined
  readonly place?: ProjectionPlace | undefined
}

/** Compiles a projection; throws MongoDB's error for a malformed one. */
export function compileProjection(spec: Document, options: ProjectionOptions = {}): Projection {
  if (spec.size === 0) return { fields: null, keeps: undefined, apply: document => document }
  const entries = entriesOf(spec, options.place ?? 'find')
  refuseCollisions(entries)
  const isInclusion = modeOf(entries) === 'inclusion'
  const reads: Reads = { fields: new Set(), all: !isInclusion }
  const tree = treeOf(entries, { options, reads, isInclusion })
  const post = finish(entries, options, reads)
  const project = isInclusion ? inclusion(tree) : exclusion(tree)
  return {
    fields: reads.all ? null : reads.fields,
    keeps: keptFields(entries, tree, isInclusion),
    apply: document => post(project(document), document),
  }
}

function refuseCollisions(entries: readonly Entry[]): void {
  const paths: Tree = new Map()
  for (const entry of entries) addBranch(paths, entry.path, 'flag')
}

interface Reads {
  readonly fields: Set<string>
  all: boolean
}

function isId(entry: Entry): boolean {
  return entry.path.length === 1 && entry.path[0] === '_id'
}

/** The first flag decides, one on _id only where nothing else does. */
function modeOf(entries: readonly Entry[]): 'inclusion' | 'exclusion' {
  const deciding = entries.find(entry => !isId(entry) && entry.kind !== 'slice' && entry.kind !== 'elemMatch')
  if (deciding === undefined) return modeWithoutFlags(entries)
  const isExclusion = deciding.kind === 'exclude'
  for (const entry of entries) checkMode(entry, isExclusion)
  return isExclusion ? 'exclusion' : 'inclusion'
}

function modeWithoutFlags(entries: readonly Entry[]): 'inclusion' | 'exclusion' {
  if (entries.some(entry => entry.kind === 'slice')) return 'exclusion'
  return entries.some(entry => entry.kind !== 'exclude') ? 'inclusion' : 'exclusion'
}

function checkMode(entry: Entry, isExclusion: boolean): void {
  const path = entry.path.join('.')
  if (entry.kind === 'include' && isExclusion && !isId(entry))
    throw new CommandError(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
  if (entry.kind === 'exclude' && !isExclusion && !isId(entry))
    throw new CommandError(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
  if (entry.kind === 'compute' && isExclusion)
    throw new CommandError(31252, 'Cannot use expression other than $meta in exclusion projection')
  if (entry.kind === 'positional' && isExclusion)
    throw new CommandError(31395, 'positional projection cannot be used with exclusion')
}

interface Building {
  readonly options: ProjectionOptions
  readonly reads: Reads
  readonly isInclusion: boolean
}

function treeOf(entries: readonly Entry[], building: Building): Tree {
  const { reads, isInclusion } = building
  const tree: Tree = new Map()
  for (const entry of entries) {
    if (entry.kind === 'compute' || entry.kind === 'elemMatch')
      addBranch(tree, entry.path, computation(entry, building))
    else if (isKept(entry, isInclusion)) addBranch(tree, entry.path, 'flag')
  }
  if (isInclusion && !entries.some(({ path }) => path[0] === '_id')) tree.set('_id', 'flag')
  for (const name of tree.keys()) reads.fields.add(name)
  return tree
}

/** Whether a flag of the tree stands for the entry; the tree of an exclusion holds what is dropped. */
function isKept(entry: Entry, isInclusion: boolean): boolean {
  if (!isInclusion) return entry.kind === 'exclude'
  return entry.kind !== 'exclude'
}

function computation(entry: Entry, { options, reads }: Building): Compute {
  if (entry.kind === 'elemMatch') return elementComputation(entry.path[0]!, entry.filter, options)
  const { collation, variables = NO_VARIABLES, now = new Date() } = options
  const expression = compileExpression(entry.kind === 'compute' ? entry.expression : null, {
    now,
    collation,
    variables,
  })
  if (expression.fields === null) reads.all = true
  else for (const field of expression.fields) reads.fields.add(field)
  return document => expression.evaluate(document, variables)
}

function elementComputation(name: string, condition: Document, options: ProjectionOptions): Compute {
  const filter = compileFilter(new Map([[name, new Map<string, Value>([['$elemMatch', condition]])]]), options)
  return document => {
    const value = document.get(name)
    const position = Array.isArray(value) ? filter.position(document) : undefined
    return position === undefined ? undefined : [(value as Value[])[position]!]
  }
}

function inclusion(tree: Tree): (document: Document) => Document {
  if (!isComputing(tree)) return document => included(document, tree)
  return document => {
    const projected = included(document, tree)
    compute(projected, tree, document)
    return projected
  }
}

function exclusion(tree: Tree): (document: Document) => Document {
  return document => {
    const projected = excluded(document, tree)
    compute(projected, tree, document)
    return projected
  }
}

type Finish = (projected: Document, document: Document) => Document

function finish(entries: readonly Entry[], options: ProjectionOptions, reads: Reads): Finish {
  const steps = entries.flatMap(entry => {
    if (entry.kind === 'slice') return [(projected: Document) => slicedAt(projected, entry.path, entry.slice)]
    if (entry.kind === 'positional') return [positionalStep(entry.path, options, reads)]
    return []
  })
  if (steps.length === 0) return projected => projected
  return (projected, document) => steps.reduce((result, step) => step(result, document), projected)
}

function positionalStep(path: readonly string[], { filter }: ProjectionOptions, reads: Reads): Finish {
  if (filter?.fields == null) reads.all = true
  else for (const field of filter.fields) reads.fields.add(field)
  return (projected, document) => pickedAt(projected, path, filter?.position(document))
}

function keptFields(entries: readonly Entry[], tree: Tree, isInclusion: boolean): ReadonlySet<string> | undefined {
  if (!isInclusion || entries.some(entry => entry.kind !== 'include' && entry.kind !== 'exclude')) return undefined
  return [...tree.values()].every(branch => branch === 'flag') ? new Set(tree.keys()) : undefined
}
