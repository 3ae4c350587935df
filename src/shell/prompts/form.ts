// Asks for a new document field by field, shows it whole, and asks whether it is meant.
import { BSON } from 'mongodb'
import { DuplicateKey, GooseError, ValidationFailed } from '../../errors.ts'
import type { Field } from '../../models/field.ts'
import { isHiddenAt } from '../../models/path.ts'
import { settingsOf } from '../../models/settings.ts'
import { quoted } from '../mending.ts'
import type { LoadedModel } from '../models.ts'
import { cellOf } from '../output/cell.ts'
import { escapeControl, escapeJson } from '../output/escape.ts'
import type { Style } from '../output/style.ts'
import { padEnd, widthOf } from '../output/width.ts'
import { rowOf } from '../row.ts'
import { ask } from './ask.ts'
import { type Asking, askField, left, mayBeEmpty, messageOf } from './field.ts'
import { fits } from './fitting.ts'

type Input = Readonly<Record<string, unknown>>

/** Asks for a document of a model and has it written; asks again for what is refused. Throws `DECLINED` where the person
 * leaves, or does not mean what is shown. */
export async function fillForm<T>(loaded: LoadedModel, style: Style, write: (input: Input) => Promise<T>): Promise<T> {
  // The prompts decide about colour by themselves, and know no flag.
  if (!style.enabled) process.env.NO_COLOR = '1'
  const asking = { style, action: `insert ${loaded.name}` }
  say(style.faint(`A new ${loaded.name}. Enter takes what is in brackets, or leaves out; Ctrl-C writes nothing.`))
  const asked = askedFields(loaded)
  let input = await askFields(asked, asking)
  for (;;) {
    preview(loaded, input, style)
    if (
      !(await ask<boolean>({ type: 'confirm', message: `Insert this ${loaded.name}?`, default: true }, asking.action))
    )
      throw new GooseError('DECLINED', { action: asking.action })
    try {
      return await write(input)
    } catch (error) {
      const refused = asked.filter(field => refusedBy(error).includes(field.name))
      if (refused.length === 0) throw withAnswers(error, loaded, input)
      say(`${style.error('✖')} ${escapeControl((error as Error).message)}`)
      input = {
        ...input,
        ...(await askFields(
          refused.map(field => answered(field, input)),
          asking,
        )),
      }
    }
  }
}

/** Names the fields whose values a write was refused for. */
function refusedBy(error: unknown): readonly string[] {
  if (error instanceof ValidationFailed) return error.issues.map(({ path }) => path.split('.')[0] ?? '')
  if (!(error instanceof DuplicateKey)) return []
  return (error.meta.fields as readonly string[]).map(path => path.split('.')[0] ?? '')
}

/** Gives a field whose default is what was answered before. */
function answered(field: Field, input: Input): Field {
  const before = input[field.name]
  return before === undefined || field.marks.secret ? field : { ...field, defaultOf: () => before }
}

/** Says how to type what was answered, so that it is not lost with the form. */
function withAnswers(error: unknown, { name, model }: LoadedModel, input: Input): unknown {
  const open = Object.entries(input).filter(([path]) => !isHiddenAt(model.definition, path))
  const data = escapeJson(BSON.EJSON.stringify(Object.fromEntries(open), { relaxed: true }))
  say(`what was answered: goose insert ${name} --data ${quoted(data)}`)
  return error
}

async function askFields(fields: readonly Field[], asking: Asking): Promise<Input> {
  const input: Record<string, unknown> = {}
  for (const field of fields) {
    const value = await askAny(field, asking)
    if (value !== left) input[field.name] = value
  }
  return input
}

async function askAny(field: Field, asking: Asking): Promise<unknown> {
  if (field.kind === 'object') return askObject(field, asking)
  const isLoop = field.element?.kind === 'object' || field.element?.ref !== undefined
  return isLoop && field.element ? askList(field, field.element, asking) : askField(field, asking)
}

async function askObject(field: Field, asking: Asking): Promise<unknown> {
  if (mayBeEmpty(field) && !(await wants(messageOf(field, asking, 'optional'), asking))) return left
  return insist(field, asking, () => askFields(field.fields ?? [], asking))
}

async function askList(field: Field, element: Field, asking: Asking): Promise<unknown> {
  const list = await insist(field, asking, async () => {
    const items: unknown[] = []
    while (await wants(`${field.path}: ${items.length === 0 ? 'add one' : 'add another'}`, asking)) {
      const item = await askAny({ ...element, path: `${field.path}[${items.length}]` }, asking)
      if (item !== left) items.push(item)
    }
    return items
  })
  return Array.isArray(list) && list.length === 0 && mayBeEmpty(field) ? left : list
}

/** Asks until the whole fits: its parts may fit while they do not fit together. */
async function insist(field: Field, asking: Asking, answer: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    const value = await answer()
    const isEmptyList = Array.isArray(value) && value.length === 0 && mayBeEmpty(field)
    const verdict = isEmptyList || (await fits(field, value))
    if (verdict === true) return value
    say(asking.style.error(`> ${field.path}: ${verdict}`))
  }
}

function wants(message: string, { action }: Asking): Promise<boolean> {
  return ask<boolean>({ type: 'confirm', message, default: false }, action)
}

/** Leaves out what nobody types: ids, what plugins keep, and what is not stored. */
function askedFields({ model: { definition } }: LoadedModel): readonly Field[] {
  const { softDelete, version, createdAt, updatedAt } = settingsOf(definition)
  const kept = new Set([softDelete?.field, softDelete && 'deletion', version, createdAt, updatedAt])
  const { variant } = definition
  return definition.fields.filter(field => {
    if (field.name === '_id') return !mayBeEmpty(field)
    return !kept.has(field.name) && field.kind !== 'many' && field.name !== variant?.by
  })
}

/** Shows the document as it would be stored, defaults included and secrets hidden. */
function preview({ model }: LoadedModel, input: Input, style: Style): void {
  const row = rowOf(
    new model(input),
    model.definition.fields.map(field => field.name),
  )
  const fields = Object.entries(row).filter(([name, value]) => name !== '_id' && value !== undefined)
  const widest = Math.max(0, ...fields.map(([name]) => widthOf(name)))
  say('')
  for (const [name, value] of fields) {
    const cell = cellOf(value, { style, ids: 'full', dates: 'exact', now: new Date() })
    say(`  ${style.heading(padEnd(name, widest))}  ${cell.paint(cell.text)}`)
  }
  say('')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
