// What the innermost open object of a call is about: a filter, an update, a document, stages, and of which path.
import { documentMethods, filterMethods, updateOperators } from './completion-words.ts'
import type { Frame } from './cursor-place.ts'

/** What may stand as keys of an object. */
export type Meaning = 'filter' | 'operators' | 'update' | 'paths' | 'document' | 'stages' | 'expression' | 'nothing'

/** An object, or a value in it. */
export interface ObjectPlace {
  readonly meaning: Meaning
  /** The path of the model that it is about; empty for the document itself. */
  readonly path: string
}

const nested = new Set(['$and', '$or', '$nor', '$match'])
const updates = new Set(updateOperators)

/** Says what is typed inside of the call that the frames lead into; `inner` are those inside of its bracket. */
export function objectPlace(
  method: string,
  on: 'model' | 'query' | 'document',
  call: Frame,
  inner: readonly Frame[],
): ObjectPlace {
  let place: ObjectPlace = { meaning: meaningOf(method, on, call.index), path: '' }
  for (const { sign, key } of inner) {
    if (sign === '(') return { meaning: 'nothing', path: '' }
    if (sign === '{' && key !== undefined) place = within(place, key)
  }
  return place
}

function meaningOf(method: string, on: 'model' | 'query' | 'document', index: number): Meaning {
  if (method === 'aggregate') return index === 0 ? 'stages' : 'nothing'
  if (method === 'updateMany' || method === 'plan' || method === 'update') {
    const place = on === 'model' ? 1 : 0
    return index === place ? 'update' : index < place ? 'filter' : 'nothing'
  }
  if (index > 0 && method !== 'sort' && method !== 'select') return 'nothing'
  if (on === 'document') return 'nothing'
  if (method === 'sort' || method === 'select') return 'paths'
  if (documentMethods.has(method)) return 'document'
  return filterMethods.has(method) ? 'filter' : 'nothing'
}

/** Gives what the value of a key is about. */
function within({ meaning, path }: ObjectPlace, key: string): ObjectPlace {
  if (meaning === 'stages') return { meaning: key === '$match' ? 'filter' : 'expression', path: '' }
  if (meaning === 'update') return { meaning: updates.has(key) ? 'paths' : 'nothing', path: '' }
  if (meaning === 'expression' || meaning === 'nothing') return { meaning, path }
  if (nested.has(key)) return { meaning: 'filter', path }
  if (key === '$elemMatch') return { meaning: 'filter', path }
  if (key === '$not') return { meaning: 'operators', path }
  if (key.startsWith('$')) return { meaning: 'nothing', path }
  const inner = path === '' ? key : `${path}.${key}`
  if (meaning === 'filter' || meaning === 'operators') return { meaning: 'operators', path: inner }
  return { meaning: meaning === 'document' ? 'document' : 'nothing', path: inner }
}
