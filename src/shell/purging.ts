// Purges documents for good: by the word for it, or by a policy of a reviewed configuration.
import { purge } from '../operations/purge.ts'
import { selectionOf } from '../operations/retention.ts'
import { grouped } from './amounts.ts'
import type { Answer } from './answer.ts'
import { requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { type RetentionFlags, retentionOf } from './retaining.ts'
import { askedOf, carryOut } from './running.ts'
import type { Workspace } from './workspace.ts'

/** Purges what flags or a policy say. */
export async function purgeDocuments(
  model: string | undefined,
  flags: RetentionFlags,
  workspace: Workspace,
): Promise<Answer> {
  const { selection, standing } = await retentionOf('purge', { model, flags }, workspace)
  const { name } = selection.definition
  if (selection.olderThan === undefined)
    throw usage('purge needs an age', 'add --older-than 90d; to delete by a filter alone: goose bulk delete')
  const { total, text, order } = await selectionOf(selection, flags['max-docs'], 'purge')
  const action = `purge ${grouped(total)} ${name}${text} for good`
  if (flags['dry-run'])
    return {
      kind: 'value',
      data: { model: name, documents: total, walk: order.hint },
      text: `PLAN ${action}`,
      footer: () => ['nothing changed'],
    }
  const deed = { action, token: name, isReversible: false, ...(standing === undefined ? {} : { standing }) }
  await requireConsent(workspace, flags, deed)
  return carryOut(flags, controls => purge(selection, askedOf(flags), controls))
}
