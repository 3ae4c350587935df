// Walks everything a plan matches, in the order of _id: counts, digest, values by field, and a fair sample.
import type { Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { type Stored, storedFrom } from '../runtime/codec.ts'
import { MOST_BYTES } from './bulk-batch.ts'
import type { BulkChange } from './bulk-change.ts'
import { inPages, walkAll } from './bulk-walk.ts'
import { PlanDigest } from './plan-digest.ts'

/** What a walk is about. */
export interface PlanWalk {
  readonly definition: ModelDefinition
  readonly filter: Document
  readonly change: BulkChange
  readonly batch: number
}

/** What a walk has found. */
export interface Walked {
  readonly matched: number
  readonly bytes: number
  readonly digest: string
  /** How often which value is there, for fields with few values. */
  readonly values: ReadonlyMap<
    string,
    ReadonlyMap<string, { readonly value: unknown; readonly count: number }> | 'many'
  >
  readonly sampled: readonly unknown[]
}

const SAMPLE = 200
const MOST_VALUES = 50

/** Reads the fields that a change touches of every document; tells each batch as it comes. */
export async function walkPlan(
  walk: PlanWalk,
  onBatch: (stored: readonly Uint8Array[]) => Promise<void>,
): Promise<Walked> {
  const { definition, filter, change } = walk
  const digest = new PlanDigest()
  const tally = tallyOf(change.touched)
  const sample = reservoir(SAMPLE)
  let [matched, bytes] = [0, 0]
  const all = walkAll({ definition, filter, touched: change.touched }, { isOrdered: true })
  for await (const stored of inPages(all, { count: walk.batch, bytes: MOST_BYTES })) {
    for (const document of stored) {
      digest.add(document)
      bytes += document.length
      tally.add(document)
      sample.add(document)
    }
    matched += stored.length
    await onBatch(stored)
  }
  return { matched, bytes, digest: digest.hex(), values: tally.values, sampled: sample.taken() }
}

function tallyOf(touched: readonly string[] | null) {
  const values = new Map<string, Map<string, { value: unknown; count: number }> | 'many'>()
  for (const name of touched ?? []) values.set(name, new Map())
  const add = (stored: Stored, name: string) => {
    const counts = values.get(name)!
    if (counts === 'many') return
    const value = stored[name]
    const key = keyOf(value)
    const there = key === undefined ? undefined : counts.get(key)
    if (key === undefined || (!there && counts.size >= MOST_VALUES)) values.set(name, 'many')
    else counts.set(key, { value, count: (there?.count ?? 0) + 1 })
  }
  return {
    values,
    add: (bytes: Uint8Array) => {
      const open = [...values.keys()].filter(name => values.get(name) !== 'many')
      if (open.length === 0) return
      const stored = storedFrom(bytes)
      for (const name of open) add(stored, name)
    },
  }
}

// Only short values are worth counting; a date is different in almost every document.
function keyOf(value: unknown): string | undefined {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number')
    return String(value)
  return typeof value === 'string' && value.length <= 100 ? `"${value}` : undefined
}

function reservoir(size: number) {
  const kept: { readonly place: number; readonly bytes: Uint8Array }[] = []
  let seen = 0
  return {
    add: (bytes: Uint8Array) => {
      const place = seen++
      // What is kept must not hold on to the memory of its batch.
      if (kept.length < size) kept.push({ place, bytes: Buffer.from(bytes) })
      else {
        const at = Math.floor(Math.random() * seen)
        if (at < size) kept[at] = { place, bytes: Buffer.from(bytes) }
      }
    },
    taken: () => kept.sort((one, other) => one.place - other.place).map(({ bytes }) => storedFrom(bytes)._id),
  }
}
