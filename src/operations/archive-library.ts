// Archives as programs ask for them: by a query of a model, and back by a run or by a query of its archive.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { parseDuration } from '../models/duration.ts'
import { emptyPlan, type Plan } from '../models/plan.ts'
import type { ArchivePolicy } from '../models/policy.ts'
import { modelNamed } from '../models/registry.ts'
import { scopedFilter } from '../runtime/scope.ts'
import { checkBulk } from '../runtime/update.ts'
import { archive } from './archive.ts'
import { restoreArchive } from './archive-restore.ts'
import { type RunRequest, storedRun } from './run-document.ts'
import type { RunControls, RunEnding } from './run-steps.ts'

/** A query, as `find()` or `archived()` of a model gives it. */
export interface AskedOf {
  readonly model: { readonly definition: ModelDefinition }
  readonly state: Plan
}

type Asked = Partial<Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'>>

/** How documents are archived: as a policy says it, and with what a run may be told. */
export interface ArchiveOptions extends Asked, Partial<ArchivePolicy> {
  /** Leaves the documents where they are as well. */
  readonly keepsDocuments?: boolean
  /** Means every document, where there is neither age nor filter. */
  readonly all?: boolean
}

/** How documents come back. */
export interface RestoreOptions extends Asked {
  /** The alias of the connection whose database keeps the run. */
  readonly connection?: string
}

/** Archives what a query finds. */
export async function archiveQuery(
  { model, state }: AskedOf,
  options: ArchiveOptions,
  controls: RunControls,
): Promise<RunEnding> {
  const { definition } = model
  checkBulk(definition, state, 'archive', { all: true })
  const { by, to, verify, keepsDocuments, all } = options
  const request = { definition, plan: state, olderThan: lengthOf(options.olderThan), by, to, verify }
  return archive({ ...request, keepsDocuments, all }, askedOf(options), controls)
}

/** Restores what a run has archived, or what a query finds in the archive of its model. */
export async function restoreQuery(
  what: string | AskedOf,
  options: RestoreOptions,
  controls: RunControls,
): Promise<RunEnding> {
  const request = typeof what === 'string' ? await ofRun(what, options.connection ?? 'default') : ofQuery(what)
  return restoreArchive(request, askedOf(options), controls)
}

async function ofRun(id: string, alias: string) {
  const { _id: run, model } = await storedRun(alias, id)
  const { definition } = modelNamed(model ?? '')
  return { definition, run, filter: scopedFilter(definition, { ...emptyPlan, deleted: 'include' }) }
}

function ofQuery({ model, state }: AskedOf) {
  const { archiveOf: definition } = model.definition
  if (!definition)
    throw new GooseError('INVALID_QUERY', {
      model: model.definition.name,
      reason: 'restoreArchived takes what lies in an archive',
      hint: `ask ${model.definition.name}.archived().find(…)`,
    })
  checkBulk(definition, state, 'restoreArchived', {})
  // What was archived comes back, marked as deleted or not, unless only those are asked for.
  const deleted = state.deleted === 'only' ? 'only' : 'include'
  return { definition, from: placeText(model.definition), filter: scopedFilter(definition, { ...state, deleted }) }
}

function placeText({ collection, database, connection, archiveOf }: ModelDefinition): string {
  if (connection !== archiveOf?.connection) return `conn:${connection}.${collection}`
  return database === undefined ? `coll:${collection}` : `db:${database}.${collection}`
}

function lengthOf(olderThan: string | undefined): number | undefined {
  if (olderThan === undefined) return undefined
  const length = parseDuration(olderThan)
  if (length !== undefined) return length
  throw new GooseError('USAGE', { reason: `archive: "${olderThan}" is no length of time`, hint: 'write it as 365d' })
}

function askedOf({ lock, onLocked, reason, limits }: Asked): Asked {
  const asked = { lock, onLocked, reason, limits }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}
