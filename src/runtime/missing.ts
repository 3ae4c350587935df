// References that a populate found nothing for: null in memory, unchanged in the database.

interface Lost {
  readonly length: number | undefined
  readonly keys: Map<string, unknown>
}

const lost = new WeakMap<object, Lost>()

/** Puts null where a reference leads to nothing, and keeps what is stored there. */
export function loseReference(holder: object, name: string, key: unknown): void {
  const there = lost.get(holder) ?? { length: lengthOf(holder), keys: new Map() }
  there.keys.set(name, key)
  lost.set(holder, there)
  Reflect.set(holder, name, null)
}

/** Gives the stored key behind a null, or null. A list of another length than before has lost its places. */
export function keptKey(holder: object, name: string): unknown {
  const there = lost.get(holder)
  return there && there.length === lengthOf(holder) ? (there.keys.get(name) ?? null) : null
}

function lengthOf(holder: object): number | undefined {
  return Array.isArray(holder) ? holder.length : undefined
}
