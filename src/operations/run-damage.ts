// Tells of the document of a run whether somebody has changed it so that it cannot be what it was.
import { Binary, BSON } from 'mongodb'

/** Gives the field of a stored run that is not what it must be, among those that were read. */
export function damageOf(stored: object): string | undefined {
  const fields = Object.entries(forms).filter(([name]) => name in stored || !unread.has(name))
  return fields.find(([name, isSound]) => !isSound(Reflect.get(stored, name)))?.[0]
}

/** What lists of runs leave out. */
export const unread: ReadonlySet<string> = new Set(['filter', 'parameters', 'log'])

type Form = (value: unknown) => boolean

const isText: Form = value => typeof value === 'string'
const isObject: Form = value => typeof value === 'object' && value !== null && !Array.isArray(value)
const isTime: Form = value => value instanceof Date
const isNumbers: Form = value => isObject(value) && Object.values(value as object).every(one => typeof one === 'number')

const forms: Readonly<Record<string, Form>> = {
  op: isText,
  kind: isText,
  summary: isText,
  state: isText,
  lock: isText,
  fence: value => typeof value === 'number',
  by: value => isObject(value) && isText((value as { readonly host?: unknown }).host),
  filter: isPacked,
  parameters: isPacked,
  limits: isNumbers,
  counters: isNumbers,
  times: isNumbers,
  control: isObject,
  startedAt: isTime,
  updatedAt: isTime,
  noted: Array.isArray,
  log: Array.isArray,
}

function isPacked(value: unknown): boolean {
  if (!(value instanceof Binary)) return false
  try {
    BSON.deserialize(value.buffer)
    return true
  } catch {
    return false
  }
}
