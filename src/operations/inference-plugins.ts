// Fields that are what a plugin would keep, so that the plugin is used in their place.

import type { InferredField } from './inference-field.ts'
import { said } from './inference-remarks.ts'
import type { Sample } from './inference-sample.ts'
import type { StoredType } from './inference-summary.ts'

/** A plugin of a model, as it is called. */
export interface InferredPlugin {
  readonly name: 'timestamps' | 'version' | 'softDelete'
  readonly field?: string
}

/** The plugins of a model, and the fields that are left to declare. */
export interface InferredPlugins {
  readonly plugins: readonly InferredPlugin[]
  readonly fields: readonly InferredField[]
  /** The fields that the plugins add. */
  readonly added: ReadonlySet<string>
  readonly notes: readonly string[]
}

/** Finds the plugins whose fields are there exactly as the plugin keeps them. */
export function findPlugins(sample: Sample, fields: readonly InferredField[]): InferredPlugins {
  if (sample.kind !== 'collection' || sample.read === 0) return { plugins: [], fields, added: new Set(), notes: [] }
  const isAlways = (name: string, ...types: StoredType[]) =>
    sample.summary.fields.get(name)?.countOf(...types) === sample.read
  const hasBoth = isAlways('createdAt', 'date') && isAlways('updatedAt', 'date')
  const counter = ['_v', '__v'].find(name => isAlways(name, 'int'))
  const mark = deletionMark(sample)
  const plugins: InferredPlugin[] = [
    ...(hasBoth ? [{ name: 'timestamps' as const }] : []),
    ...(mark ? [{ name: 'softDelete' as const, ...(mark === 'deletedAt' ? {} : { field: mark }) }] : []),
    ...(counter ? [{ name: 'version' as const, ...(counter === '_v' ? {} : { field: counter }) }] : []),
  ]
  const names = [
    ...(hasBoth ? ['createdAt', 'updatedAt'] : []),
    ...(mark ? [mark, 'deletion'] : []),
    ...(counter ? [counter] : []),
  ]
  const added = new Set(names)
  return {
    plugins,
    added,
    fields: fields.filter(({ name }) => !added.has(name)),
    notes: hasBoth ? [] : nearlyTimestamps(sample),
  }
}

function nearlyTimestamps({ summary, read }: Sample): readonly string[] {
  const both = ['createdAt', 'updatedAt'].map(name => summary.fields.get(name))
  if (both.some(values => !values || values.countOf('date') < read / 2)) return []
  const lacking = both.map(values => read - (values?.countOf('date') ?? 0))
  return [
    `the fields createdAt and updatedAt could be those of timestamps(), but ${said(Math.max(...lacking))} of ${said(read)} documents have no date in one of them`,
  ]
}

// A date on those that are deleted and nothing on the others; a document that is marked in another way too is not ours.
function deletionMark({ summary, read }: Sample): string | undefined {
  const mark = ['deletedAt', 'removedAt'].find(name => {
    const values = summary.fields.get(name)
    return values !== undefined && values.countOf('date', 'null') === values.count && values.countOf('date') < read
  })
  if (!mark || summary.fields.has('deleted') || summary.fields.has('isDeleted')) return undefined
  const deletion = summary.fields.get('deletion')
  const isOurs =
    !deletion ||
    (deletion.countOf('object') === deletion.count && deletion.fields.get('op')?.countOf('string') === deletion.count)
  return isOurs ? mark : undefined
}
