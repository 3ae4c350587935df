// Asks for the value of one field, in the way that its type is answered best.
import type { Field } from '../../models/field.ts'
import { dateText, jsonText } from '../output/json.ts'
import type { Style } from '../output/style.ts'
import { valueOfText } from '../typed.ts'
import { ask, type Choice } from './ask.ts'
import { fits } from './fitting.ts'
import { candidates } from './reference.ts'

/** How a form asks: in which colours, and what is declined by leaving it. */
export interface Asking {
  readonly style: Style
  readonly action: string
}

/** Says that a field keeps what the model gives it. */
export const left = Symbol('left out')

/** Asks for a field that is no object or list of objects; gives `left` where the person passes over it. */
export async function askField(field: Field, asking: Asking): Promise<unknown> {
  if (field.ref) return askReference(field, asking)
  if (field.values) return askChoice(field, field.values.map(choiceOf), asking)
  if (field.kind === 'boolean') return askBoolean(field, asking)
  if (field.element?.values) return askChoices(field, field.element.values.map(choiceOf), asking)
  if (field.marks.secret) return askSecret(field, asking)
  return askText(field, asking)
}

/** Gives the words of a question: the path, and what is said beside it. */
export function messageOf(field: Field, { style }: Asking, note = noteOf(field)): string {
  return `${field.path}${note === '' ? '' : ` ${style.faint(`(${note})`)}`}`
}

/** Says whether a field may stay empty. */
export function mayBeEmpty(field: Field): boolean {
  return field.optional || field.nullable || field.defaultOf !== undefined
}

async function askText(field: Field, asking: Asking): Promise<unknown> {
  const standard = defaultText(field)
  const typed = await ask<string>(
    {
      type: 'input',
      message: messageOf(field, asking),
      ...(standard === undefined ? {} : { default: standard }),
      validate: text => problemOf(text, field, standard),
    },
    asking.action,
  )
  return typed === '' || typed === standard ? left : valueOfText(typed, field, field.path)
}

async function askSecret(field: Field, asking: Asking): Promise<unknown> {
  const message = messageOf(field, asking)
  const typed = await ask<string>(
    { type: 'password', mask: '*', message, validate: text => problemOf(text, field, undefined) },
    asking.action,
  )
  return typed === '' ? left : valueOfText(typed, field, field.path)
}

async function problemOf(text: string, field: Field, standard: string | undefined): Promise<true | string> {
  if (text === standard) return true
  if (text === '') return mayBeEmpty(field) ? true : `${field.path} needs a value`
  try {
    return await fits(field, valueOfText(text, field, field.path))
  } catch (error) {
    return (error as Error).message
  }
}

async function askBoolean(field: Field, asking: Asking): Promise<unknown> {
  const standard = field.defaultOf?.()
  const choices = [true, false].map(value => ({ name: value ? 'yes' : 'no', value }))
  if (typeof standard !== 'boolean' && mayBeEmpty(field)) return askChoice(field, choices, asking)
  const message = messageOf(field, asking, '')
  return ask<boolean>({ type: 'confirm', message, default: standard === true }, asking.action)
}

async function askChoice(field: Field, values: readonly Choice[], asking: Asking): Promise<unknown> {
  const standard = field.defaultOf?.()
  const choices = [...(mayBeEmpty(field) && standard === undefined ? [nothing] : []), ...values]
  const message = messageOf(field, asking, '')
  return ask({ type: 'select', message, choices, ...(standard == null ? {} : { default: standard }) }, asking.action)
}

async function askChoices(field: Field, choices: readonly Choice[], asking: Asking): Promise<unknown> {
  const validate = (chosen: readonly { readonly value: unknown }[]) =>
    chosen.length === 0 && mayBeEmpty(field)
      ? true
      : fits(
          field,
          chosen.map(({ value }) => value),
        )
  const message = messageOf(field, asking, '')
  const chosen = await ask<readonly unknown[]>({ type: 'checkbox', message, choices, validate }, asking.action)
  return chosen.length === 0 ? left : chosen
}

async function askReference(field: Field, asking: Asking): Promise<unknown> {
  const source = async (term: string | undefined) => [
    ...(mayBeEmpty(field) && !term ? [nothing] : []),
    ...(await candidates(field, term)),
  ]
  const note = `${field.ref?.target().modelName}: type to search`
  return ask({ type: 'search', message: messageOf(field, asking, note), source }, asking.action)
}

const nothing: Choice = { name: '(none)', value: left }

function choiceOf(value: unknown): Choice {
  return { name: String(value), value }
}

/** Says what a person needs to know to answer: how it is written, and whether it may be left out. */
function noteOf(field: Field): string {
  const how = written[field.kind]
  const isShown = defaultText(field) !== undefined
  return [
    ...(how ? [how] : []),
    ...(field.kind === 'array' ? ['commas between'] : []),
    ...(mayBeEmpty(field) && !isShown ? ['optional'] : []),
  ].join(', ')
}

const written: Partial<Record<Field['kind'], string>> = {
  date: '2026-01-31, now or -2h',
  objectId: '24 hex digits',
  uuid: 'uuid',
  record: 'as {key: value}',
  mixed: 'text, number or {…}',
}

/** Writes the default of a field as it would be typed; none where it says nothing. */
function defaultText(field: Field): string | undefined {
  const value = field.defaultOf?.()
  if (value === undefined || value === null || value === '') return undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(String).join(', ')
  if (value instanceof Date) return Math.abs(value.getTime() - Date.now()) < 60_000 ? 'now' : dateText(value)
  return typeof value === 'object' && !('_bsontype' in value) ? jsonText(value) : String(value)
}
