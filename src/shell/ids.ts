// Ids as people copy them: whole, or the end that a table shows.
import { ObjectId } from 'mongodb'
import { DocumentNotFound, GooseError } from '../errors.ts'
import { checkFilter } from '../models/filter.ts'
import { keyKind } from '../models/ref.ts'
import { settingsOf } from '../models/settings.ts'
import type { Query } from '../runtime/query.ts'
import type { LoadedModel } from './models.ts'
import { filtered, type QuestionFlags } from './question.ts'

/** How a document is looked for, and among which. */
export interface LookUp<T> {
  readonly deleted: QuestionFlags['deleted']
  read(id: unknown): Promise<T | null>
}

/** Gives the one document that a text means. Throws `DocumentNotFound`, which says where it only is deleted. */
export async function documentOf<T>(loaded: LoadedModel, text: string, { deleted, read }: LookUp<T>): Promise<T> {
  const document = await unlessAbsent(async () =>
    read(await idOfText(loaded, text, await filtered(loaded.model.find(), { deleted }))),
  )
  if (document) return document
  const why = (await isDeleted(loaded, text, deleted))
    ? `: it is deleted, see goose restore ${loaded.name} ${text}`
    : ''
  throw new DocumentNotFound({ model: loaded.name, id: `_id ${text}${why}` })
}

async function isDeleted(loaded: LoadedModel, text: string, deleted: QuestionFlags['deleted']): Promise<boolean> {
  const isLookedFor = deleted === 'include' || deleted === 'only'
  if (isLookedFor || settingsOf(loaded.model.definition).softDelete === undefined) return false
  const among = await filtered(loaded.model.find(), { deleted: 'only' })
  const found = unlessAbsent(async () => among.find({ _id: await idOfText(loaded, text, among) } as never).exists())
  return (await found) === true
}

async function unlessAbsent<T>(look: () => Promise<T | null>): Promise<T | null> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof GooseError && error.code === 'DOCUMENT_NOT_FOUND') return null
    throw error
  }
}

/** Gives the id that a text means: itself, or the one id that ends with it. */
export async function idOfText({ name, model }: LoadedModel, text: string, among: Query<unknown>): Promise<unknown> {
  const kind = keyKind({ target: () => model, by: '_id' })
  if (kind === 'mixed') return ObjectId.isValid(text) && text.length === 24 ? new ObjectId(text) : numberOf(text)
  if (kind !== 'objectId') return text
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
