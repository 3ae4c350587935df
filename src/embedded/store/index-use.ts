// Counts how often queries chose an index, since it was last compiled.
import type { Index } from './catalog.ts'

interface Use {
  count: number
  readonly since: Date
}

const uses = new WeakMap<Index, Use>()

export function useOf(index: Index): Use {
  const known = uses.get(index)
  if (known) return known
  const use = { count: 0, since: new Date() }
  uses.set(index, use)
  return use
}
