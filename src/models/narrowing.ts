// Tells filters that narrow something from those that find everything, however they are written.
import { isOperators, isPlain } from './plain.ts'

type Filter = Readonly<Record<string, unknown>>

/** Tells whether filters leave anything out: one that is empty, or amounts to that, does not. */
export function isNarrowed(filters: readonly Filter[]): boolean {
  return !filters.every(findsEverything)
}

function findsEverything(filter: Filter): boolean {
  return Object.entries(filter).every(([key, value]) => {
    if (key === '$comment' || key === '$alwaysTrue') return true
    if (key === '$expr') return value === true
    if (key === '$and') return (value as Filter[]).every(findsEverything)
    if (key === '$or') return (value as Filter[]).some(findsEverything)
    return !key.startsWith('$') && isOperators(value) && Object.entries(value).every(holdsAlways)
  })
}

function holdsAlways([operator, operand]: readonly [string, unknown]): boolean {
  if (operator === '$nin') return isEmptyList(operand)
  return operator === '$not' && isPlain(operand) && Object.keys(operand).join() === '$in' && isEmptyList(operand.$in)
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
