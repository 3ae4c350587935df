// Executes plans on documents in memory: every index is a sorted array of keys.
import type { Document } from '../../src/embedded/bson/decode.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { indexKeys } from '../../src/embedded/keys/index-keys.ts'
import { type IndexSpec, indexSpecOf } from '../../src/embedded/keys/index-spec.ts'
import type { IndexPlan, Plan } from '../../src/embedded/planning/plan.ts'

interface Entry {
  readonly key: Buffer
  readonly record: number
}

export interface MemoryIndex {
  readonly spec: IndexSpec
  readonly entries: readonly Entry[]
}

/** Builds the index of documents, which it may refuse to hold. */
export function memoryIndex(raw: Document, documents: readonly Document[]): MemoryIndex | CommandError {
  const spec = indexSpecOf(raw)
  const multikey = new Set<string>()
  const entries: Entry[] = []
  let truncated = false
  try {
    documents.forEach((doc, record) => {
      const found = indexKeys(doc, spec)
      for (const path of found.multikey) multikey.add(path)
      for (const key of found.keys) entries.push({ key, record })
      truncated ||= found.truncated
    })
  } catch (error) {
    if (error instanceof CommandError) return error
    throw error
  }
  entries.sort((a, b) => Buffer.compare(a.key, b.key) || a.record - b.record)
  return { spec: { ...spec, multikey: [...multikey], truncated }, entries }
}

/** Gives the records that a plan finds, in its order, before its filter is checked. */
export function recordsOf(plan: Plan, indexes: readonly MemoryIndex[], count: number): number[] {
  if (plan.kind === 'scan') {
    const all = Array.from({ length: count }, (_, record) => record)
    return plan.reverse ? all.reverse() : all
  }
  if (plan.kind === 'or') return [...new Set(plan.plans.flatMap(part => walked(part, indexes)))]
  return walked(plan, indexes)
}

function walked(
  plan: Pick<IndexPlan, 'index' | 'ranges' | 'reverse' | 'bounds'>,
  indexes: readonly MemoryIndex[],
): number[] {
  const { entries } = indexes.find(({ spec }) => spec === (plan.index.whole ?? plan.index))!
  const found = plan.ranges
    .flatMap(({ from, to }) =>
      entries.filter(({ key }) => Buffer.compare(from, key) <= 0 && Buffer.compare(key, to) < 0),
    )
    .filter(({ key }) => plan.bounds.keyTest?.(key) !== false)
  return [...new Set((plan.reverse ? found.reverse() : found).map(({ record }) => record))]
}
