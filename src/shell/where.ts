// Conditions as people type them: `views>=500`, `createdAt<-365d`, `role in admin,author`, `email exists`.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import type { FieldKind } from '../models/field-kind.ts'
import { timeOf } from '../models/moment.ts'
import { findPath } from '../models/path.ts'
import { timeHint, usage } from './flags.ts'
import { bytesOf } from './typed.ts'

/** Turns a condition into a filter, its value typed by the model's field. */
export function parseWhere(text: string, definition: ModelDefinition, now: Date): Readonly<Record<string, unknown>> {
  const { path, operator, value } = split(text)
  const field = leafOf(findPath(definition, path).field)
  const read = (part: string) => readValue(part, field, now)
  const condition = operators[operator]
  if (!condition) throw notACondition(text)
  return { [path]: condition(value, read, text) }
}

type Reader = (part: string) => unknown
type Condition = (value: string, read: Reader, text: string) => unknown

const operators: Readonly<Record<string, Condition>> = {
  '=': (value, read) => read(value),
  '==': (value, read) => read(value),
  '!=': (value, read) => ({ $ne: read(value) }),
  '<': (value, read) => ({ $lt: read(value) }),
  '<=': (value, read) => ({ $lte: read(value) }),
  '>': (value, read) => ({ $gt: read(value) }),
  '>=': (value, read) => ({ $gte: read(value) }),
  '~=': (value, _, text) => regex(value, text),
  in: (value, read, text) => ({ $in: listOf(value, text).map(read) }),
  'not in': (value, read, text) => ({ $nin: listOf(value, text).map(read) }),
  exists: (value, _, text) => ({ $exists: truthOf(value, text) }),
  'not exists': (value, _, text) => ({ $exists: !truthOf(value, text) }),
}

interface Parts {
  readonly path: string
  readonly operator: string
  readonly value: string
}

function split(text: string): Parts {
  const symbol = /^\s*([^\s=!<>~]+)\s*(==|!=|<=|>=|~=|=|<|>)\s*([\s\S]*)$/.exec(text)
  const word = /^\s*(\S+)\s+(in|not in|exists|not exists)(?:\s+([\s\S]*))?$/i.exec(text)
  const match = word ?? symbol
  if (!match?.[1] || !match[2]) throw notACondition(text)
  if (match[1].startsWith('$'))
    throw usage(`"${text}" begins with no path`, 'operators such as $or belong into --filter')
  return { path: match[1], operator: match[2].toLowerCase(), value: (match[3] ?? '').trim() }
}

function notACondition(text: string): GooseError {
  const reason = `"${text}" is no condition`
  const hint = "write 'path op value' with = != < <= > >= ~= in exists, for example --where 'views>=500'"
  return usage(reason, hint)
}

function leafOf(field: Field | undefined): Field | undefined {
  return field?.element ? leafOf(field.element) : field
}

/** Reads a value as the field's type; quotes make it text. */
function readValue(part: string, field: Field | undefined, now: Date): unknown {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(part)
  if (quoted) return quoted[2]
  if (part === 'null') return null
  return readAs(part, field?.kind, now)
}

function readAs(part: string, kind: FieldKind | undefined, now: Date): unknown {
  if (kind === 'date') return timeOf(part, now) ?? notATime(part)
  if (kind === 'binary') return bytesOf(part) ?? part
  if (kind === 'boolean') return /^(yes|true)$/i.test(part) ? true : /^(no|false)$/i.test(part) ? false : part
  if (kind === undefined || kind === 'mixed') return guessed(part)
  return part
}

function notATime(part: string): never {
  throw usage(`"${part}" is no time`, timeHint)
}

function guessed(part: string): unknown {
  if (part === 'true' || part === 'false') return part === 'true'
  return part !== '' && Number.isFinite(Number(part)) ? Number(part) : part
}

/** Takes a list apart at its commas, which quotes keep together. */
function listOf(value: string, text: string): readonly string[] {
  const inner = value.replace(/^[[(]([\s\S]*)[\])]$/, '$1')
  const parts = inner.match(/(?:"[^"]*"|'[^']*'|[^,])+/g)?.map(part => part.trim()) ?? []
  if (parts.length > 0 && !/^,|,\s*(,|$)/.test(inner.trim())) return parts
  throw usage(`"${text}" lists no values, or an empty one`, "write 'role in admin,author', and '' for empty text")
}

function truthOf(value: string, text: string): boolean {
  if (/^(|true|yes|false|no)$/i.test(value)) return !/^(false|no)$/i.test(value)
  throw usage(`"${text}": "${value}" is neither true nor false`, "write 'email exists' or 'email not exists'")
}

function regex(value: string, text: string): unknown {
  const [, source = value, flags = ''] = /^\/([\s\S]*)\/([a-z]*)$/.exec(value) ?? []
  try {
    if (source.includes('\0')) throw new Error('it holds a null byte')
    new RegExp(source, flags)
  } catch (cause) {
    const reason = `"${text}": ${(cause as Error).message}`
    throw new GooseError('USAGE', { reason, hint: 'write a regular expression: title~=/^The/i' }, { cause })
  }
  return { $regex: source, ...(flags ? { $options: flags } : {}) }
}
