// Applies what is staged: each document once, from what it was to what it would be.
import { applyChanges, type CollectionChanges } from '../../operations/document-changes.ts'
import { AUDIT_COLLECTION } from '../../runtime/audit-log.ts'
import type { Answer } from '../answer.ts'
import type { Desk } from './desk.ts'
import { changesOf, type StagedChange } from './staged-changes.ts'

/** Writes the staged changes in one transaction, empties the stage, and says what was written. */
export async function commitStaged(desk: Desk): Promise<Answer> {
  const { session } = desk
  session.requireWrites('.commit')
  const changes = (await changesOf(desk)).filter(change => change.collection !== AUDIT_COLLECTION)
  if (changes.length === 0) return { kind: 'value', data: [], text: 'nothing is staged' }
  const collections = groupedBy(changes, desk)
  const operation = await session.apply(() => applyChanges(session.connection.alias, collections))
  session.sandbox.discard()
  const data = collections.map(({ definition, collection, changes: own }) => ({
    model: definition?.name ?? collection,
    documents: own.length,
  }))
  const said = data.map(({ model, documents }) => `${documents} ${model}`).join(', ')
  return { kind: 'value', data, text: `written: ${said}  (operation ${operation})` }
}

// A document that several lines changed goes from what it was first to what it is last.
function groupedBy(changes: readonly StagedChange[], { models }: Desk): readonly CollectionChanges[] {
  return [...grouped(changes).values()].map(group => {
    const [{ database, collection }] = group as [StagedChange]
    const byId = new Map<string, { _id: unknown; before: StagedChange['before']; after: StagedChange['after'] }>()
    for (const { _id, before, after } of group) {
      const first = byId.get(String(_id))
      byId.set(String(_id), { _id, before: first ? first.before : before, after })
    }
    const definition = models.find(model => model.description.collection === collection)?.model.definition
    const net = [...byId.values()].filter(({ before, after }) => before || after)
    return { database, collection, definition, changes: net }
  })
}

function placeOf({ database, collection }: StagedChange): string {
  return `${database} ${collection}`
}

function grouped(changes: readonly StagedChange[]): Map<string, StagedChange[]> {
  const groups = new Map<string, StagedChange[]>()
  for (const change of changes) groups.set(placeOf(change), [...(groups.get(placeOf(change)) ?? []), change])
  return groups
}
