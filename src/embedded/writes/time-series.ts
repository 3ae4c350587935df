// Refuses the changes that measurements of time series do not take.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collection } from '../store/catalog.ts'

export interface SeriesUpdate {
  readonly filter: Document
  readonly update: Document | readonly Value[]
  readonly multi: boolean
  readonly upsert: boolean
}

/** Only what measurements are grouped by may change, for all of a group at once. */
export function checkSeriesUpdate({ options }: Collection, asked: SeriesUpdate): void {
  const series = options.get('timeseries')
  if (!(series instanceof Map)) return
  const meta = series.get('metaField') as string | undefined
  if (asked.upsert) throw refused('perform an upsert')
  if (!asked.multi) throw refused('perform a non-multi update')
  if (Array.isArray(asked.update)) throw refused('perform an update using a pipeline')
  const update = asked.update as Document
  if (!update.keys().next().value?.startsWith('$')) throw refused('perform a replacement')
  const changed = [...update.values()].flatMap(fields => (fields instanceof Map ? [...fields.keys()] : []))
  if (!changed.every(path => isBelow(path, meta))) throw refused(`update a field that is not the metaField '${meta}'`)
  if (!pathsIn(asked.filter).every(path => isBelow(path, meta)))
    throw refused(`update by a field that is not the metaField '${meta}'`)
}

function refused(what: string): CommandError {
  return new CommandError('InvalidOptions', `Cannot ${what} on a time-series collection`)
}

function isBelow(path: string, meta: string | undefined): boolean {
  return meta !== undefined && (path === meta || path.startsWith(`${meta}.`))
}

function pathsIn(filter: Document): string[] {
  return [...filter].flatMap(([name, operand]) => {
    if (!name.startsWith('$')) return [name]
    return Array.isArray(operand) ? operand.flatMap(part => (part instanceof Map ? pathsIn(part) : [])) : [name]
  })
}
