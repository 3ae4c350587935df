// Ids as people copy them: whole, or the end that a table shows.
import { ObjectId } from 'mongodb'
import { GooseError } from '../errors.ts'
import { checkFilter } from '../models/filter.ts'
import { settingsOf } from '../models/settings.ts'
import type { Query } from '../runtime/query.ts'
import type { LoadedModel } from './models.ts'

/** Gives the id that a text means: itself, or the one id that ends with it. */
export async function idOfText({ name, model }: LoadedModel, text: string, among: Query<unknown>): Promise<unknown> {
  const declared = model.definition.fieldByName.get('_id')
  if (declared?.kind === 'mixed')
    return ObjectId.isValid(text) && text.length === 24 ? new ObjectId(text) : numberOf(text)
  if (declared && declared.kind !== 'objectId') return declared.kind === 'number' ? numberOf(text) : text
  const hex = text.replace(/^…/, '').toLowerCase()
  if (/^[0-9a-f]{24}$/.test(hex)) return hex
  if (!/^[0-9a-f]{4,23}$/.test(hex)) throw notAnId(name, text)
  return endingWith(name, hex, among)
}

/** Gives the id that a text means as it is stored, also when its document is deleted. */
export async function storedId(loaded: LoadedModel, text: string): Promise<unknown> {
  const all = loaded.model.find() as Query<unknown> & { includeDeleted?(): Query<unknown> }
  const isSoft = settingsOf(loaded.model.definition).softDelete !== undefined
  const id = await idOfText(loaded, text, isSoft && all.includeDeleted ? all.includeDeleted() : all)
  return checkFilter(loaded.model.definition, { _id: id })._id
}

async function endingWith(name: string, hex: string, among: Query<unknown>): Promise<unknown> {
  const ending = { $substrBytes: [{ $toString: '$_id' }, 24 - hex.length, hex.length] }
  const ends = { $expr: { $eq: [ending, hex] } }
  const found = (await among
    .find(ends as never)
    .select('_id')
    .limit(2)
    .all()) as readonly { readonly _id: unknown }[]
  const [only, another] = found
  if (!only) throw new GooseError('DOCUMENT_NOT_FOUND', { model: name, id: `an _id that ends with ${hex}` })
  if (!another) return only._id
  const reason = `more than one ${name} has an id that ends with ${hex}`
  throw new GooseError('USAGE', { reason, hint: `give more of it: ${String(only._id)} or ${String(another._id)}` })
}

function numberOf(text: string): number | string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

function notAnId(name: string, text: string): GooseError {
  const reason = `"${text}" is no id of ${name}`
  return new GooseError('USAGE', { reason, hint: 'give the 24 hex digits, or at least the last 4, as find shows them' })
}
