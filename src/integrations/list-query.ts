// What a list may be asked: page or cursor, sort, references and filters, each by its allowed names.
import * as z from 'zod'
import type { ModelDefinition } from '../models/definition.ts'
import type { Query } from '../runtime/query.ts'
import { refusalOf } from './checking.ts'
import { cursorSchema, sizeSchema, wholeFrom1 } from './page-query.ts'
import { type Allowed, fieldFor } from './resource-options.ts'

/** A list as it was asked, checked by the schema. */
export type Asked = Readonly<Record<string, unknown>> & {
  readonly page?: number
  readonly size: number
  readonly after?: string
  readonly before?: string
  readonly sort?: readonly string[]
  readonly populate?: readonly string[]
}

const comparisons = ['gt', 'gte', 'lt', 'lte'] as const
const ordered = new Set(['number', 'long', 'decimal', 'date'])

/** Makes the schema of the query of a list: a name it does not have is refused. */
export function listSchema(definition: ModelDefinition, allowed: Allowed): z.ZodObject {
  return z.strictObject({
    page: wholeFrom1().optional(),
    size: sizeSchema(allowed.sizes),
    after: cursorSchema().optional(),
    before: cursorSchema().optional(),
    ...(allowed.sort.length > 0 ? { sort: namesSchema('sort by', withDescending(allowed.sort)).optional() } : {}),
    ...populateSchema(allowed),
    ...Object.fromEntries(allowed.filter.flatMap(path => filterSchemas(definition, path))),
  })
}

/** Makes the schema of the query of one document. */
export function populateSchema({ populate }: Allowed): Record<string, z.ZodType> {
  return populate.size === 0 ? {} : { populate: namesSchema('populate', [...populate.keys()]).optional() }
}

/** Adds filters, sort and references to a query. */
export function narrowed(query: Query<unknown>, asked: Asked, allowed: Allowed): Query<unknown> {
  let made = query
  for (const path of allowed.filter) {
    const conditions = conditionsOf(asked, path)
    if (conditions !== undefined) made = made.find({ [path]: conditions } as never)
  }
  const sort = asked.sort ?? allowed.defaultSort
  if (sort !== undefined) made = made.sort(...[sort].flat())
  return populated(made, asked.populate, allowed)
}

/** Adds references to a query: a missing one is null, as a list must not fail by one row. */
export function populated(
  query: Query<unknown>,
  asked: readonly string[] | undefined,
  allowed: Allowed,
): Query<unknown> {
  let made = query
  for (const path of new Set([...allowed.alwaysPopulate, ...(asked ?? [])]))
    made = made.populate(path as never, { onMissing: 'null', ...allowed.populate.get(path) } as never)
  return made
}

/** Reads the page that was asked. */
export function pageAsked(query: Query<unknown>, { page, size, after, before }: Asked): Promise<unknown> {
  const ways = [page, after, before].filter(way => way !== undefined).length
  if (ways > 1) throw refusalOf('query', [{ path: 'page', message: 'goes with neither "after" nor "before"' }])
  if (after !== undefined) return query.after(after, { limit: size })
  if (before !== undefined) return query.before(before, { limit: size })
  return query.page({ page: page ?? 1, size })
}

function conditionsOf(asked: Asked, path: string): unknown {
  const equal = asked[path]
  const bounds = comparisons
    .map(name => [`$${name}`, asked[`${path}[${name}]`]] as const)
    .filter(([, bound]) => bound !== undefined)
  const equals = equal === undefined ? [] : [['$in', [equal].flat()] as const]
  if (bounds.length === 0 && equals.length > 0 && !Array.isArray(equal)) return equal
  return bounds.length + equals.length === 0 ? undefined : Object.fromEntries([...equals, ...bounds])
}

function filterSchemas(definition: ModelDefinition, path: string): [string, z.ZodType][] {
  const text = z.string().max(1000)
  const equal = z.union([text, z.array(text).max(100)]).optional()
  const kind = fieldFor(definition, path)?.kind
  if (kind === undefined || !ordered.has(kind)) return [[path, equal]]
  return [[path, equal], ...comparisons.map(name => [`${path}[${name}]`, text.optional()] as [string, z.ZodType])]
}

function withDescending(paths: readonly string[]): readonly string[] {
  return paths.flatMap(path => [path, `-${path}`])
}

function namesSchema(act: string, names: readonly string[]): z.ZodType {
  const split = (text: string) => text.split(',').filter(Boolean)
  const known = new Set(names)
  return z
    .string()
    .max(500)
    .refine(text => split(text).every(name => known.has(name)), `can ${act}: ${names.join(', ')}`)
    .meta({ description: `By comma: ${names.join(', ')}` })
    .transform(split)
}
