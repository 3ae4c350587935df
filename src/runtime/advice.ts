// Warnings in development: the same query again and again from one line, and queries that read a whole collection.
import type { Collection, Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'

/** A command about to be sent. */
export interface Advised {
  readonly definition: ModelDefinition
  readonly operation: string
  readonly filter: unknown
  readonly shape: () => unknown
}

/** How many queries of one shape from one line are many. */
const MANY = 10
/** How long a pause between them ends a series, in milliseconds. */
const PAUSE = 1000
/** From how many documents on a scan is worth a word. */
const LARGE = 1000

const series = new Map<string, { count: number; last: number }>()
const said = new Set<string>()

/** Gives what to do once the command has been answered; undefined outside of development. */
export function adviceOn(about: Advised): ((collection: Collection<Document>) => Promise<void>) | undefined {
  // The environment is asked last, as that is slow: saves need not wait for it.
  if (!isRead(about) || process.env.NODE_ENV !== 'development') return undefined
  const site = callSite()
  const key = `${about.definition.name} ${about.operation} ${JSON.stringify(about.shape())}`
  warnOfSeries(about, key, site)
  return collection => warnOfScan(about, { key, site, collection })
}

const reads: ReadonlySet<string> = new Set(['find', 'count', 'distinct'])

function isRead({ operation, filter }: Advised): boolean {
  return reads.has(operation) && Object.keys(filter as object).length > 0
}

function warnOfSeries({ definition, filter }: Advised, key: string, site: string): void {
  const now = performance.now()
  const place = `${key} ${site}`
  const there = series.get(place)
  const count = there && now - there.last < PAUSE ? there.count + 1 : 1
  series.set(place, { count, last: now })
  if (series.size > 1000) series.clear()
  if (count !== MANY) return
  const byId = Object.keys(filter as object).join() === '_id'
  const better = byId ? 'populate the reference where its documents are read' : 'ask once, with $in'
  say(`n+1 ${place}`, `${definition.name}: ${MANY} queries of one shape from ${site}; ${better}`)
}

interface Looked {
  readonly key: string
  readonly site: string
  readonly collection: Collection<Document>
}

async function warnOfScan({ definition, filter }: Advised, { key, site, collection }: Looked): Promise<void> {
  const place = `scan ${key}`
  if (said.has(place) || said.has(`seen ${key}`)) return
  said.add(`seen ${key}`)
  try {
    if ((await collection.estimatedDocumentCount()) < LARGE) return
    const plan = await collection.find(filter as Document).explain('queryPlanner')
    if (!JSON.stringify(plan.queryPlanner?.winningPlan ?? {}).includes('"COLLSCAN"')) return
    const paths = Object.keys(filter as object).filter(path => !path.startsWith('$'))
    const index = paths.length > 0 ? `; an index on ${paths.join(', ')} would spare it` : ''
    say(place, `${definition.name}: the query at ${site} reads the whole collection${index}`)
  } catch {
    // A warning that cannot be worked out is none.
  }
}

function say(key: string, message: string): void {
  if (said.has(key)) return
  said.add(key)
  process.emitWarning(message, 'GooseWarning')
}

const own = new URL('..', import.meta.url).pathname

// The first frame that is neither ours nor a package's: the line that asked.
function callSite(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 40
  const frames = (new Error('where').stack ?? '').split('\n').slice(1)
  Error.stackTraceLimit = limit
  const frame = frames.find(line => !line.includes(own) && !/node:|node_modules|<anonymous>/.test(line))
  return frame?.match(/(?:file:\/\/)?([^\s(]+:\d+:\d+)\)?$/)?.[1] ?? 'an unknown line'
}
