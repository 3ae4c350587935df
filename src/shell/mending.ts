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
  const update = `goose update ${loaded.name} ${quoted(String(id))}`
  const field = findPath(loaded.model.definition, path).field
  if (!field) return `${update} --unset ${path.split(/[.[]/)[0]}`
  const text = await readable(loaded, { id, path }, field)
  if (text !== undefined) return `${update} --set ${quoted(`${path}=${text}`)}`
  return without(loaded, { id, path }, field)
}

/** References to what is gone: where they stand, and a document that holds one. */
export interface Orphans extends Fault {
  readonly field: Field
  /** The lists on the way to the reference. */
  readonly lists: readonly string[]
  readonly missing: readonly unknown[]
  readonly count: number
}

/** Gives the command that takes references to nothing away: out of their lists, left empty, or with their document. */
export function mendOrphans(loaded: LoadedModel, orphans: Orphans): string {
  const { path, lists, field, count } = orphans
  const missing = orphans.missing.slice(0, 20).map(String)
  const bulk = `goose bulk update ${loaded.name} --where ${quoted(`${path} in ${missing.map(listed).join(',')}`)}`
  const [list, deeper] = lists
  if (list !== undefined && deeper === undefined) {
    const inside = path === list ? { $in: missing } : { [path.slice(list.length + 1)]: { $in: missing } }
    return `${bulk} --update ${quoted(jsonText({ $pull: { [list]: inside } }))}`
  }
  if (count > 1 && list === undefined && field.nullable) return `${bulk} --set ${path}=null`
  if (count > 1 && list === undefined && field.optional) return `${bulk} --unset ${path}`
  return without(loaded, orphans, field)
}

function listed(text: string): string {
  return /^[\w:.-]+$/.test(text) ? text : `"${text}"`
}

function without(loaded: LoadedModel, { id, path }: Fault, field: Field): string {
  const update = `goose update ${loaded.name} ${quoted(String(id))}`
  const top = loaded.model.definition.fieldByName.get(path.split(/[.[]/)[0] ?? '')
  if (field.nullable && !path.includes('[')) return `${update} --set ${path}=null`
  if (field.optional && !path.includes('[')) return `${update} --unset ${path}`
  if (top?.optional) return `${update} --unset ${top.name}`
  const standard = top?.defaultOf?.()
  if (top && standard !== undefined)
    return `${update} --set ${quoted(`${top.name}=${typeof standard === 'object' ? jsonText(standard) : String(standard)}`)}`
  return `goose delete ${loaded.name} ${quoted(String(id))}`
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

/** Writes a word so that a shell takes it as one. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
