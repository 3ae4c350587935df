// Archives as commands: run, verified, listed and restored, with what stayed and why.
import { isNarrowed } from '../models/narrowing.ts'
import { type ArchiveRequest, archive } from '../operations/archive.ts'
import { archivedRuns, verifyArchive } from '../operations/archive-book.ts'
import { connectionIn, placeOf } from '../operations/archive-place.ts'
import { restoreArchive } from '../operations/archive-restore.ts'
import { selectionOf } from '../operations/retention.ts'
import { scopedFilter } from '../runtime/scope.ts'
import { grouped } from './amounts.ts'
import type { Answer } from './answer.ts'
import { requireConsent } from './consent.ts'
import { filtered } from './question.ts'
import { type Retention, type RetentionFlags, retentionOf } from './retaining.ts'
import { idText } from './run-ending.ts'
import { askedOf, carryOut } from './running.ts'
import type { Workspace } from './workspace.ts'

/** The flags of archive run. */
export interface ArchiveFlags extends RetentionFlags {
  readonly to?: string | undefined
  readonly verify?: 'bytes' | 'count' | undefined
  readonly 'no-delete'?: boolean | undefined
}

/** Archives what flags or a policy say. */
export async function archiveDocuments(
  model: string | undefined,
  flags: ArchiveFlags,
  workspace: Workspace,
): Promise<Answer> {
  const retention = await retentionOf('archive', { model, flags }, workspace)
  const request = requestOf(retention, flags)
  const { text } = placeOf(request.definition, request.to, new Date())
  if (flags['dry-run']) return planned(request, text, flags)
  const action = `archive ${request.definition.name} to ${text}`
  const { standing } = retention
  const also = connectionIn(request.to)
  const deed = { action, also, token: request.definition.name, isReversible: true, standing }
  await requireConsent(workspace, flags, deed)
  return elsewhere(request.to, workspace, () => carryOut(flags, controls => archive(request, askedOf(flags), controls)))
}

function requestOf({ selection, policy }: Retention, flags: ArchiveFlags): ArchiveRequest {
  const rule = policy?.archive ?? { to: flags.to, verify: flags.verify }
  return { ...selection, to: rule.to, verify: rule.verify, keepsDocuments: flags['no-delete'] ?? false }
}

async function planned(request: ArchiveRequest, to: string, flags: ArchiveFlags): Promise<Answer> {
  const { total, order, text } = await selectionOf(request, flags['max-docs'], 'archive')
  const { name } = request.definition
  const data = { model: name, documents: total, to, walk: order.hint }
  const scan = order.path === '_id' && request.olderThan !== undefined ? ' (no index says how old: reads all)' : ''
  return {
    kind: 'value',
    data,
    text: `PLAN archive ${grouped(total)} ${name}${text} to ${to}, walking ${order.hint}${scan}`,
    footer: () => ['nothing changed'],
  }
}

/** The flags of archive restore. */
export interface RestoreFlags extends RetentionFlags {
  readonly from?: string | undefined
}

/** Restores what a run has archived, or what a filter finds in an archive. */
export async function restoreDocuments(
  { model, run }: { readonly model: string; readonly run: string | undefined },
  flags: RestoreFlags,
  workspace: Workspace,
): Promise<Answer> {
  const loaded = await workspace.model(model)
  const { definition } = loaded.model
  const asked = (await filtered(loaded.model.find(), flags)).state
  // What was archived comes back, marked as deleted or not, unless one of them is asked for.
  const state = flags.deleted === undefined ? { ...asked, deleted: 'include' as const } : asked
  const { usage } = await import('./flags.ts')
  if (run === undefined && !isNarrowed(state.filters) && !flags.all && !flags.from?.startsWith('file:'))
    throw usage('restore of what?', 'name the run, give a filter, or --all; see `goose archive list`')
  if (flags.from?.startsWith('file:') && isNarrowed(state.filters))
    throw usage('a file comes back as a whole', 'leave the filter out')
  const action = `restore ${definition.name} from ${run ?? flags.from ?? 'its archive'}`
  const filter = scopedFilter(definition, state)
  const whole = run === undefined ? undefined : await fullRun(run)
  const from = flags.from ?? whole?.to
  await requireConsent(workspace, flags, {
    action,
    also: connectionIn(from),
    token: definition.name,
    isReversible: true,
  })
  return elsewhere(from, workspace, () =>
    carryOut(flags, controls =>
      restoreArchive({ definition, run: whole?.run, from: flags.from, filter }, askedOf(flags), controls),
    ),
  )
}

async function fullRun(end: string): Promise<{ readonly run: string; readonly to: string }> {
  const found = (await archivedRuns('default')).filter(({ run }) => run === end || run.endsWith(end))
  if (found.length === 1) return found[0]!
  const { GooseError } = await import('../errors.ts')
  const hint = found.length > 1 ? 'more than one ends so; give more of it' : 'see `goose archive list`'
  throw new GooseError('RUN_NOT_FOUND', { run: end, hint })
}

/** Answers the runs that have archived something. */
export async function listArchives(model: string | undefined, workspace: Workspace): Promise<Answer> {
  const loaded = model === undefined ? undefined : await workspace.model(model)
  await workspace.connect()
  const rows = (await archivedRuns('default', loaded?.model.definition.collection)).map(run => ({ ...run }))
  const columns = ['run', 'at', 'model', 'documents', 'kept', 'restored', 'to', 'op'].map(path => ({
    path,
    head: path.toUpperCase(),
  }))
  return { kind: 'rows', columns, rows, empty: 'nothing has been archived' }
}

/** Answers the copies that are no longer what was copied; exit 9 when there are some. */
export async function checkArchives(
  { model, run }: { readonly model: string; readonly run: string | undefined },
  workspace: Workspace,
): Promise<Answer> {
  const { definition } = (await workspace.model(model)).model
  const whole = run === undefined ? undefined : await fullRun(run)
  const places = whole ? [whole.to] : (await archivedRuns('default', definition.collection)).map(({ to }) => to)
  const elsewheres = [...new Set(places.filter(to => connectionIn(to) !== undefined))]
  const verify = () => verifyArchive(definition, whole?.run)
  const look = elsewheres.reduce<() => ReturnType<typeof verify>>(
    (inner, to) => () => elsewhere(to, workspace, inner),
    verify,
  )
  const { documents, counted, faults } = await look()
  const rows = faults.map(({ run: of, _id, fault }) => ({ run: of, _id: idText(_id), fault }))
  const columns = ['run', '_id', 'fault'].map(path => ({ path, head: path.toUpperCase() }))
  const partly = counted > 0 ? `, ${grouped(counted)} of them by their ids alone` : ''
  const sound = `${grouped(documents)} documents are as they were archived${partly}`
  const footer = faults.length === 0 ? [] : [`${faults.length} of ${grouped(documents)} copies are not what was copied`]
  return { kind: 'rows', columns, rows, empty: sound, footer: () => footer, exit: faults.length === 0 ? 0 : 9 }
}

/** Does work that needs the connection a place names, and closes it. */
export async function elsewhere<T>(
  place: string | undefined,
  workspace: Workspace,
  work: () => Promise<T>,
): Promise<T> {
  const name = connectionIn(place)
  if (name === undefined) return work()
  await workspace.connectNamed(name)
  try {
    return await work()
  } finally {
    const { disconnect } = await import('../runtime/connection.ts')
    await disconnect(name)
  }
}
