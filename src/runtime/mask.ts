// Hides the values of secret, encrypted and masked fields wherever they would be written in clear.
import type { ModelDefinition } from '../models/definition.ts'
import { type Field, innermost } from '../models/field.ts'
import { settingsOf } from '../models/settings.ts'
import { isPlain } from './codec.ts'

/** What stands for a hidden value. */
export const MASKED = '(masked)'

/** Gives a function that masks a value at a path, and the hidden parts inside it. */
export function maskerOf(definition: ModelDefinition): (path: string, value: unknown) => unknown {
  const masked = new Set(settingsOf(definition).audit?.mask ?? [])
  const { fields } = definition
  // Most fields hold nothing hidden, and the same ones come again and again.
  const open = new Map<string, boolean>()
  const isOpen = (name: string) => {
    const known = open.get(name)
    if (known !== undefined) return known
    const answer = ![...masked].some(path => path === name || path.startsWith(`${name}.`)) && !hides(fields, name)
    if (open.size < MOST_NAMES) open.set(name, answer)
    return answer
  }
  return (path, value) => {
    const dot = path.indexOf('.')
    if (isOpen(dot === -1 ? path : path.slice(0, dot))) return value
    return maskAt(path.split('.'), { fields, masked, value, at: '' })
  }
}

const MOST_NAMES = 1000

function hides(fields: readonly Field[], name?: string): boolean {
  return fields.some(
    field => (name === undefined || field.name === name) && (isHidden(field) || hides(innermost(field).fields ?? [])),
  )
}

interface Spot {
  readonly fields: readonly Field[]
  readonly masked: ReadonlySet<string>
  readonly value: unknown
  readonly at: string
}

function maskAt(path: readonly string[], spot: Spot): unknown {
  const [head, ...rest] = path
  if (head === undefined) return spot.value
  if (/^\d+$/.test(head)) return maskAt(rest, spot)
  const at = spot.at ? `${spot.at}.${head}` : head
  const field = spot.fields.find(candidate => candidate.name === head)
  if (spot.masked.has(at) || (field && isHidden(field))) return spot.value === null ? null : MASKED
  const inner = field ? (innermost(field).fields ?? []) : []
  if (rest.length > 0) return maskAt(rest, { ...spot, fields: inner, at })
  return maskInside(spot.value, { ...spot, fields: inner, at })
}

function maskInside(value: unknown, spot: Spot): unknown {
  if (Array.isArray(value)) return value.map(item => maskInside(item, spot))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, maskAt([name], { ...spot, value: item })]),
  )
}

function isHidden(field: Field): boolean {
  return field.marks.secret === true || field.marks.encrypted !== undefined
}
