// Counts matching documents, from an index or from the storage alone where that is enough.
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import { countOf } from './plan-records.ts'
import { type Asked, matchesOf, type Search, searchOf } from './search.ts'

export interface Counting {
  readonly asked: Asked
  /** counting stops here */
  readonly most: number
}

export function counted(data: Data, collection: Collection | undefined, { asked, most }: Counting): number {
  if (collection && asked.filter.size === 0 && asked.hint === undefined) return data.documents.count(collection.id)
  return countFound(searchOf(data, collection, { asked }), most)
}

/** Counts what a search finds, up to a limit. */
export function countFound(search: Search, most: number): number {
  const { plan, walk } = search
  if ((plan.kind === 'index' || plan.kind === 'id') && plan.exact) return countOf(walk, plan)
  if (search.matchesAll && plan.kind === 'scan') return walk.data.documents.count(walk.collection.id)
  let count = 0
  for (const _ of matchesOf(search)) if (++count >= most) break
  return count
}
