// The command that mends a fault of one stored document, so that it works as it is typed.
import type { Field } from '../models/field.ts'
import { findPath } from '../models/path.ts'
import type { LoadedModel } from './models.ts'
import { jsonText } from './output/json.ts'
import { atPath } from './output/path.ts'
import { valueOfText } from './typed.ts'

/** What is wrong: a value at a path of a document. */
export interface Fault {
  readonly id: unknown
  readonly path: string
}

/** Gives the command that makes a value fit: read as the type of its field, left out where it may be, or deleted. */
export async function mendValue(loaded: LoadedModel, { id, path }: Fault): Promise<string> {
  const update = `goose update ${loaded.name} ${String(id)}`
  const field = findPath(loaded.model.definition, path).field
  if (!field) return `${update} --unset ${path.split(/[.[]/)[0]}`
  const text = await readable(loaded, { id, path }, field)
  if (text !== undefined) return `${update} --set ${quoted(`${path}=${text}`)}`
  return without(loaded, { id, path }, field)
}

/** Gives the command that takes a reference to nothing away: brought back, left out, or deleted with its document. */
export async function mendReference(
  loaded: LoadedModel,
  fault: Fault & { readonly missing: unknown; readonly field: Field },
): Promise<string> {
  const { id, path, missing, field } = fault
  const top = loaded.model.definition.fieldByName.get(path.split('.')[0] ?? '')
  if (top?.kind !== 'array' || top.name !== path) return without(loaded, { id, path }, field)
  const stored = await storedValue(loaded, { id, path })
  const rest = (Array.isArray(stored) ? stored : []).filter(item => String(item) !== String(missing)).map(String)
  return `goose update ${loaded.name} ${String(id)} --set ${quoted(`${path}=${rest.join(',')}`)}`
}

function without(loaded: LoadedModel, { id, path }: Fault, field: Field): string {
  const update = `goose update ${loaded.name} ${String(id)}`
  const top = loaded.model.definition.fieldByName.get(path.split(/[.[]/)[0] ?? '')
  if (field.nullable && !path.includes('[')) return `${update} --set ${path}=null`
  if (field.optional && !path.includes('[')) return `${update} --unset ${path}`
  if (top?.optional) return `${update} --unset ${top.name}`
  const standard = top?.defaultOf?.()
  if (top && standard !== undefined)
    return `${update} --set ${quoted(`${top.name}=${typeof standard === 'object' ? jsonText(standard) : String(standard)}`)}`
  return `goose delete ${loaded.name} ${String(id)}`
}

/** Gives the stored value as text, where that text means a value that fits. */
async function readable(loaded: LoadedModel, fault: Fault, field: Field): Promise<string | undefined> {
  if (field.element || field.fields || fault.path.includes('[')) return undefined
  const stored = await storedValue(loaded, fault)
  if (stored === undefined || stored === null) return undefined
  const text = stored instanceof Date ? stored.toISOString() : typeof stored === 'object' ? '' : String(stored)
  if (text === '') return undefined
  const schema = field.schema as unknown as Standard
  const { issues } = await schema['~standard'].validate(valueOfText(text, field, fault.path))
  return issues === undefined ? text : undefined
}

interface Standard {
  readonly '~standard': { validate(value: unknown): { issues?: unknown } | Promise<{ issues?: unknown }> }
}

async function storedValue({ model }: LoadedModel, { id, path }: Fault): Promise<unknown> {
  const collection = await model.collection()
  return atPath(await collection.findOne({ _id: id as never }), path)
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
