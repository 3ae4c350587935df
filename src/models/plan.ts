// A query as frozen data: what is asked, before any database knows of it.
import type { DeletedMode } from './plugin.ts'

/** One path to populate. */
export interface PopulatePlan {
  readonly path: string
  readonly onMissing: 'throw' | 'null' | undefined
  /** Narrows what is loaded; what does not match counts as missing. */
  readonly match: Readonly<Record<string, unknown>> | undefined
  readonly sort: readonly (readonly [path: string, direction: 1 | -1])[]
  /** At most so many for each document, of a reverse reference. */
  readonly limit: number | undefined
  readonly select: readonly string[]
  readonly includeDeleted: boolean
}

/** How a path is to be populated. */
export interface PopulateOptions {
  readonly onMissing?: 'throw' | 'null'
  readonly match?: Readonly<Record<string, unknown>>
  readonly sort?: string | readonly string[]
  readonly limit?: number
  readonly select?: readonly string[]
  readonly includeDeleted?: boolean
}

/** Makes the plan of one populate. */
export function populatePlan(path: string, options: PopulateOptions = {}): PopulatePlan {
  const sort = [options.sort ?? []]
    .flat()
    .map(by => (by.startsWith('-') ? ([by.slice(1), -1] as const) : ([by, 1] as const)))
  return {
    path,
    onMissing: options.onMissing,
    match: options.match,
    sort,
    limit: options.limit,
    select: options.select ?? [],
    includeDeleted: options.includeDeleted ?? false,
  }
}

/** Gives paths to select that read a key as well, by which documents are told apart. */
export function selectWith(select: readonly string[], key: string): readonly string[] {
  const [first] = select
  if (first === undefined) return select
  return first.startsWith('-') ? select.filter(path => path !== `-${key}`) : [...new Set([...select, key])]
}

/** A query as data; every change is a new plan. */
export interface Plan {
  /** All of them must hold. */
  readonly filters: readonly Readonly<Record<string, unknown>>[]
  readonly sort: readonly (readonly [path: string, direction: 1 | -1])[]
  readonly skip: number | undefined
  readonly limit: number | undefined
  readonly select: readonly string[]
  readonly populate: readonly PopulatePlan[]
  readonly deleted: DeletedMode
  /** A second collection of the same database that is read as well: the archive. */
  readonly union: string | undefined
  readonly hint: string | Readonly<Record<string, unknown>> | undefined
  readonly maxTime: number | undefined
}

/** Asks for everything. */
export const emptyPlan: Plan = Object.freeze({
  filters: [],
  sort: [],
  skip: undefined,
  limit: undefined,
  select: [],
  populate: [],
  deleted: 'exclude',
  union: undefined,
  hint: undefined,
  maxTime: undefined,
})

/** Gives the one filter that a plan's filters amount to: they are ANDed, never merged. */
export function filterOf(plan: Pick<Plan, 'filters'>): Record<string, unknown> {
  const filters = plan.filters.filter(filter => Object.keys(filter).length > 0)
  if (filters.length === 0) return {}
  return filters.length === 1 ? { ...filters[0] } : { $and: filters }
}
