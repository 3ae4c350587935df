// Decides what becomes of the documents of a batch that is taken back: those that are alike are decided once.
import type { Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { storedFrom } from '../runtime/codec.ts'
import type { Images } from './bulk-images.ts'
import { idKey, textsOf } from './raw-fields.ts'
import type { Note } from './run-document.ts'
import { type Restoring, restoring, type Times } from './undo-document.ts'

/** Documents that take the same update, as they are now. */
export interface Group {
  readonly update: Document
  readonly members: readonly Uint8Array[]
}

/** What becomes of a batch. */
export interface Decided {
  readonly groups: readonly Group[]
  /** The documents of all groups, in the order of the batch. */
  readonly members: readonly Uint8Array[]
  /** Documents that stay as they are, because somebody has changed them. */
  readonly conflicts: readonly Note[]
}

/** How it is decided: whether others' changes count, and the documents as they are now, by their keys. */
export interface Situation {
  readonly definition: ModelDefinition
  readonly force: boolean
  readonly now: ReadonlyMap<string, Uint8Array>
}

/** Says what is to be done with each document of a batch. */
export function decide({ definition, force, now }: Situation, images: Images): Decided {
  const after = afterOf(images)
  const alike = new Map<string, { readonly found: Restoring; readonly members: Uint8Array[] }>()
  const conflicts: Note[] = []
  for (const before of images.before) {
    const { id, rest } = textsOf(before)
    const current = now.get(id)
    const left = after(id)
    const text = current && `${rest}\0${textsOf(current).rest}\0${left instanceof Uint8Array ? textsOf(left).rest : ''}`
    const known = text === undefined ? undefined : alike.get(text)
    if (current && known && !('conflict' in known.found)) known.members.push(current)
    else if (!current || text === undefined) conflicts.push({ _id: storedFrom(before)._id, why: 'it is gone' })
    else {
      const found = known?.found ?? restoring(definition, { before, after: left, now: current }, force)
      if (!known) alike.set(text, { found, members: [current] })
      if ('conflict' in found)
        conflicts.push({ _id: storedFrom(before)._id, why: `"${found.conflict}" was changed since` })
    }
  }
  const groups = [...alike.values()].flatMap(({ found, members }) =>
    'conflict' in found || !found.update ? [] : [{ update: found.update, members }],
  )
  const grouped = new Set(groups.flatMap(({ members }) => members))
  const members = images.before.map(before => now.get(idKey(before))!).filter(current => grouped.has(current))
  return { groups, members, conflicts }
}

function afterOf({ after, set, unset }: Images): (id: string) => Times['after'] {
  if (set) return () => ({ set, unset: unset ?? [] })
  const later = new Map(after.map(bytes => [idKey(bytes), bytes]))
  return id => later.get(id)
}
