// Sentences about what was uncertain: how often each type was seen, and counts as people read them.
import type { StoredType, Summary } from './inference-summary.ts'

const called: Readonly<Record<StoredType, string>> = {
  string: 'a string',
  int: 'a number',
  double: 'a number',
  long: 'a 64-bit integer',
  decimal: 'a decimal',
  bool: 'true or false',
  date: 'a date',
  objectId: 'an ObjectId',
  uuid: 'a UUID',
  binData: 'bytes',
  object: 'an object',
  array: 'a list',
  null: 'null',
  undefined: 'undefined',
  other: 'something else',
}

/** Says how often each type was seen, the rare ones only where one is usual. */
export function mixture(values: Summary, noun: string): string {
  const counts = new Map<string, number>()
  for (const [type, count] of values.types) {
    if (type === 'null' || type === 'undefined') continue
    counts.set(called[type], (counts.get(called[type]) ?? 0) + count)
  }
  const [usual, ...others] = [...counts].sort(([, one], [, other]) => other - one)
  const rare = others.reduce((sum, [, count]) => sum + count, 0)
  const all = rare + (usual?.[1] ?? 0)
  if (!usual || others.length === 0) return ''
  if (rare / all < 0.2)
    return others
      .map(([type, count], i) =>
        i === 0
          ? `${said(count)} of ${said(all)} ${noun} ${count === 1 ? 'has' : 'have'} ${type} here`
          : `${said(count)} ${type}`,
      )
      .join(', ')
  return `of ${said(all)} ${noun}, ${[usual, ...others].map(([type, count]) => `${said(count)} have ${type}`).join(', ')} here`
}

/** Writes a count in groups of three. */
export function said(count: number): string {
  return count.toLocaleString('en-US')
}
