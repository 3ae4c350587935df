// Takes one change of the audit back at a prompt: shown first, guarded, and audited with its reason.
import { findEntry } from '../operations/audit-reading.ts'
import { type Revert, revertOf } from '../operations/audit-revert.ts'
import { connection } from '../runtime/connection.ts'
import { auditContext } from '../runtime/context.ts'
import { actorOf } from './actor.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import type { Workspace } from './workspace.ts'

/** The flags of audit revert. */
export interface RevertFlags extends ConsentFlags {
  readonly 'dry-run'?: boolean | undefined
  readonly reason?: string | undefined
  readonly force?: boolean | undefined
}

/** Takes a change back and answers what was changed. Throws `CHANGE_OVERTAKEN` where somebody has changed the same since. */
export async function revertEntry(workspace: Workspace, id: string, flags: RevertFlags): Promise<Answer> {
  await workspace.models()
  await workspace.connect()
  const revert = await revertOf(await findEntry(connection().db, id))
  const { entry, model, does, paths, isReversible } = revert
  const what = `${model} ${String(entry.documentId)}`
  const columns = ['path', 'from', 'to'].map(path => ({ path, head: path.toUpperCase() }))
  const answer = (said: string): Answer => ({
    kind: 'rows',
    columns,
    rows: paths.filter(({ path }) => !revert.masked.includes(path)).map(row => ({ ...row })),
    footer: () => [said, ...notes(revert)],
  })
  if (flags['dry-run']) return answer(`dry run: would ${does} ${what}`)
  await requireConsent(workspace, flags, { action: `${does} ${what}`, token: String(entry._id), isReversible })
  await auditContext.run(actorOf(flags), () => revert.apply(flags))
  return answer(`${done[does] ?? does} ${what}: took back ${String(entry._id)}`)
}

const done: Readonly<Record<string, string>> = {
  update: 'updated',
  delete: 'deleted',
  restore: 'restored',
  insert: 'inserted',
}

function notes({ overtaken, masked }: Revert): readonly string[] {
  return [
    ...(overtaken.length > 0 ? [`changed since: ${overtaken.join(', ')}`] : []),
    ...(masked.length > 0 ? [`masked in the log, left as it is: ${masked.join(', ')}`] : []),
  ]
}
