// Finds what a reference may refer to, by a part of its name or the end of its id.
import type { Field } from '../../models/field.ts'
import type { AnyModel } from '../models.ts'
import { escapeControl } from '../output/escape.ts'
import type { Choice } from './ask.ts'

/** Gives the documents that a person may mean, at most ten; the newest while nothing is typed. */
export async function candidates(field: Field, term: string | undefined): Promise<readonly Choice[]> {
  const target = field.ref?.target() as unknown as AnyModel
  const by = field.ref?.by ?? '_id'
  const labels = labelFields(target)
  const wanted = (term ?? '').trim()
  const query = wanted === '' ? target.find() : target.find(matching(wanted, labels) as never)
  const found = (await query.sort('-_id').limit(10).maxTime(5000).all()) as readonly Readonly<Record<string, unknown>>[]
  return found.map(document => {
    const [label, ...more] = labels.map(name => document[name]).filter(text => typeof text === 'string' && text !== '')
    const key = String(document[by])
    const name = label === undefined ? key : `${String(label)} (${by === '_id' ? `…${key.slice(-6)}` : key})`
    return { name: escapeControl(name), value: document[by], description: escapeControl([key, ...more].join('  ')) }
  })
}

/** Fields by which people know a document, in the order in which they are tried. */
const names = ['name', 'title', 'label', 'username', 'email', 'slug', 'text']

function labelFields({ definition }: AnyModel): readonly string[] {
  const isOpen = (field: Field | undefined) =>
    field?.kind === 'string' && !field.marks.secret && !field.marks.encrypted && !field.marks.transient
  return names.filter(name => isOpen(definition.fieldByName.get(name)))
}

function matching(text: string, labels: readonly string[]): object {
  const pattern = text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const hex = text.replace(/^…/, '').toLowerCase()
  const ending = { $regexMatch: { input: { $toString: '$_id' }, regex: `${hex}$` } }
  return {
    $or: [
      ...labels.map(name => ({ [name]: { $regex: pattern, $options: 'i' } })),
      ...(/^[0-9a-f]{4,24}$/.test(hex) || labels.length === 0 ? [{ $expr: ending }] : []),
    ],
  }
}
