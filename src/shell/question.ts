// What the query flags ask of a model, as a query that is checked before anything is sent.
import type { Query } from '../runtime/query.ts'
import { usage } from './flags.ts'
import type { LoadedModel } from './models.ts'
import { selectionOf } from './selecting.ts'

/** The query flags as they are typed. */
export interface QuestionFlags {
  readonly filter?: string | undefined
  readonly where?: readonly string[] | undefined
  readonly deleted?: 'exclude' | 'include' | 'only' | undefined
  readonly sort?: string | undefined
  readonly select?: string | undefined
  readonly populate?: readonly string[] | undefined
  readonly skip?: number | undefined
  readonly hint?: string | undefined
  readonly timeout?: number | undefined
}

/** Makes the query that the flags describe, without a limit. */
export async function questionOf({ model }: LoadedModel, flags: QuestionFlags): Promise<Query<unknown>> {
  let query = await filtered(model.find(), flags)
  if (flags.sort) query = query.sort(...sortOf(flags.sort))
  const { own, populated } = selectionOf(model.definition, pathsOf(flags.select ?? ''), populatedPaths(flags))
  if (own.length > 0) query = query.select(...own)
  for (const { path, select } of populated)
    query = query.populate(path as never, { onMissing: 'null', select } as never) as never
  if (flags.skip) query = query.skip(flags.skip)
  if (flags.hint) query = query.hint(flags.hint)
  return flags.timeout ? query.maxTime(flags.timeout) : query
}

/** Narrows a query by `--filter` and every `--where`. */
export async function filtered(query: Query<unknown>, flags: QuestionFlags): Promise<Query<unknown>> {
  let narrowed = inScope(query, flags.deleted)
  if (flags.filter !== undefined) {
    const { parseFilter } = await import('./input.ts')
    narrowed = narrowed.find(parseFilter(flags.filter) as never)
  }
  if (!flags.where?.length) return narrowed
  const { parseWhere } = await import('./where.ts')
  const now = new Date()
  return flags.where.reduce((all, text) => all.find(parseWhere(text, query.model.definition, now) as never), narrowed)
}

function populatedPaths({ populate = [] }: QuestionFlags): readonly string[] {
  return [...new Set(populate.flatMap(pathsOf))]
}

/** Reads a list of paths: `title,author`. */
export function pathsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(path => path !== '')
}

interface Scoped {
  includeDeleted?(): Query<unknown>
  onlyDeleted?(): Query<unknown>
}

function inScope(query: Query<unknown>, deleted: QuestionFlags['deleted']): Query<unknown> {
  if (deleted === undefined || deleted === 'exclude') return query
  const { definition } = query.model
  const isSoft = definition.plugins.some(plugin => plugin.name === 'softDelete')
  const scoped = query as Query<unknown> & Scoped
  const asked = deleted === 'include' ? scoped.includeDeleted : scoped.onlyDeleted
  if (isSoft && asked) return asked.call(query)
  throw usage(
    `${definition.name} keeps no deleted documents`,
    'give the model the plugin softDelete(), or leave --deleted out',
  )
}

/** Reads a sort: `-createdAt,title`, or `createdAt:desc`. */
function sortOf(text: string): readonly string[] {
  return pathsOf(text).map(entry => {
    const [path = '', direction] = entry.split(':')
    if (direction === undefined || direction === 'asc') return path
    if (direction === 'desc') return `-${path.replace(/^-/, '')}`
    throw usage(`--sort: "${entry}" has no direction goose knows`, 'write -createdAt, createdAt:desc or createdAt:asc')
  })
}
