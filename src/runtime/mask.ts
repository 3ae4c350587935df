// Hides the values of secret, encrypted and masked fields wherever they would be written in clear.
import type { ModelDefinition } from '../models/definition.ts'
import { type Field, innermost } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { settingsOf } from '../models/settings.ts'
import { kindsOf } from '../models/variant.ts'

/** What stands for a hidden value. */
export const MASKED = '(masked)'

/** Gives a function that masks a value at a path, and the hidden parts inside it; of all variants a document may be. */
export function maskerOf(definition: ModelDefinition): (path: string, value: unknown) => unknown {
  const masked = new Set(settingsOf(definition).audit?.mask ?? [])
  const shapes = kindsOf(definition).map(({ fieldByName }) => fieldByName)
  // Most fields hold nothing hidden, and the same ones come again and again.
  const open = new Map<string, boolean>()
  const isOpen = (name: string) => {
    const known = open.get(name)
    if (known !== undefined) return known
    const isMasked = [...masked].some(path => path === name || path.startsWith(`${name}.`))
    const answer = !isMasked && !shapes.some(fields => hides(fields.get(name)))
    if (open.size < MOST_NAMES) open.set(name, answer)
    return answer
  }
  return (path, value) => {
    const dot = path.indexOf('.')
    const name = dot === -1 ? path : path.slice(0, dot)
    if (isOpen(name)) return value
    const rest = dot === -1 ? [] : path.slice(dot + 1).split('.')
    return shapes.reduce((shown, fields) => mask(shown, rest, { field: fields.get(name), masked, at: name }), value)
  }
}

/** Tells whether a value is masked, or holds what is. */
export function holdsMasked(value: unknown): boolean {
  if (value === MASKED) return true
  if (Array.isArray(value)) return value.some(holdsMasked)
  return isPlain(value) && Object.values(value).some(holdsMasked)
}

const MOST_NAMES = 1000

function hides(field: Field | undefined): boolean {
  return field !== undefined && (isHidden(field) || hides(field.element) || (field.fields ?? []).some(hides))
}

interface Spot {
  readonly field: Field | undefined
  readonly masked: ReadonlySet<string>
  /** The path so far, without positions in lists. */
  readonly at: string
}

function mask(value: unknown, path: readonly string[], spot: Spot): unknown {
  const { field, masked, at } = spot
  if (masked.has(at) || (field && isHidden(field))) return value === null || value === undefined ? value : MASKED
  const [head, ...rest] = path
  if (head === undefined) return maskInside(value, spot)
  if (/^\d+$/.test(head)) return mask(value, rest, { ...spot, field: field?.element ?? field })
  return mask(value, rest, { ...spot, field: innerField(field, head), at: `${at}.${head}` })
}

function maskInside(value: unknown, spot: Spot): unknown {
  const { field, at } = spot
  if (Array.isArray(value)) return value.map(item => mask(item, [], { ...spot, field: field?.element ?? field }))
  if (field?.element) return mask(value, [], { ...spot, field: field.element })
  if (isPlain(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        mask(item, [], { ...spot, field: innerField(field, name), at: `${at}.${name}` }),
      ]),
    )
  // Something else than the object that is declared may be anything.
  return hides(field) && value !== null && value !== undefined ? MASKED : value
}

function innerField(field: Field | undefined, name: string): Field | undefined {
  return field && innermost(field).fields?.find(inner => inner.name === name)
}

function isHidden(field: Field): boolean {
  return field.marks.secret === true || field.marks.encrypted !== undefined
}
