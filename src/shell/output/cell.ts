// One value as the text of one table cell: short, on one line, harmless, and coloured by meaning.
import { escapeControl } from './escape.ts'
import { type BsonObject, dateText, isBson, jsonText, jsonValue } from './json.ts'
import type { Style } from './style.ts'

/** Stands for a document that a reference names and that is gone. */
export class Missing {
  readonly id: unknown

  constructor(id?: unknown) {
    this.id = id
  }

  toJSON(): null {
    return null
  }
}

/** How cells are written: as people read them, or complete. */
export interface CellLook {
  readonly style: Style
  readonly ids: 'short' | 'full'
  readonly dates: 'relative' | 'exact'
  readonly now: Date
}

/** Text of a cell before and after colour, so that widths are taken of the first. */
export interface Cell {
  readonly text: string
  readonly align: 'left' | 'right'
  paint(text: string): string
}

/** Turns a value into a cell. */
export function cellOf(value: unknown, look: CellLook): Cell {
  const { style } = look
  if (value === undefined) return cell('', same)
  if (value === null) return cell('null', style.faint)
  if (value instanceof Missing) return cell('(missing)', style.missing)
  if (typeof value === 'string') return cell(look.ids === 'short' ? shortName(value) : escapeControl(value), same)
  if (typeof value === 'boolean') return value ? cell('yes', style.yes) : cell('no', style.no)
  if (typeof value === 'number' || typeof value === 'bigint') return numberCell(value, style)
  if (value instanceof Date) return cell(dateCellText(value, look), style.date)
  if (isBson(value)) return bsonCell(value, look)
  return cell(objectText(value as object, look), same)
}

/** Shortens an id to what tells it apart on a screen: its last six characters. */
function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-6)}` : id
}

// Names of operations are as long as ids, and told apart by their end as well.
function shortName(text: string): string {
  return /^op_[0-9a-z]{12,}$/.test(text) ? `op_${shortId(text)}` : escapeControl(text)
}

/** Says how long ago, or in how long, a moment is. */
export function relativeTime(date: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - date.getTime()) / 1000)
  const distance = Math.abs(seconds)
  if (Number.isNaN(distance)) return 'Invalid Date'
  if (distance < 5) return 'now'
  const [size, unit] = spans.find(([least]) => distance >= least) ?? [1, 's']
  const amount = `${Math.floor(distance / size)} ${unit}`
  return seconds >= 0 ? `${amount} ago` : `in ${amount}`
}

const spans: readonly (readonly [seconds: number, unit: string])[] = [
  [31_557_600, 'y'],
  [2_629_800, 'mo'],
  [604_800, 'wk'],
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
]

const same = (text: string) => text

function cell(text: string, paint: (text: string) => string, align: 'left' | 'right' = 'left'): Cell {
  return { text, align, paint }
}

function numberCell(value: number | bigint, style: Style): Cell {
  return cell(String(value), style.number, 'right')
}

function dateCellText(date: Date, look: CellLook): string {
  return look.dates === 'relative' ? relativeTime(date, look.now) : dateText(date)
}

function bsonCell(value: BsonObject, look: CellLook): Cell {
  const plain = jsonValue(value)
  if (value._bsontype === 'ObjectId') {
    return cell(look.ids === 'short' ? shortId(String(plain)) : String(plain), look.style.id)
  }
  if (typeof plain === 'number' || ['Decimal128', 'Long'].includes(value._bsontype)) {
    return cell(String(plain), look.style.number, 'right')
  }
  return cell(escapeControl(typeof plain === 'string' ? plain : jsonText(plain)), same)
}

function objectText(value: object, look: CellLook): string {
  if (Array.isArray(value)) return value.map(item => cellOf(item, look).text).join(', ')
  const label = labelOf(value)
  const id = (value as { _id?: unknown })._id
  if (id !== undefined && label !== undefined) return `${label} (${cellOf(id, look).text})`
  if (id !== undefined && Object.keys(value).length === 1) return cellOf(id, look).text
  return jsonText(value)
}

const labels = ['name', 'title', 'label', 'username', 'email', 'slug', 'text']

/** Finds the field by which people know a document. */
function labelOf(value: object): string | undefined {
  const record = value as Readonly<Record<string, unknown>>
  const found = labels.map(key => record[key]).find(inner => typeof inner === 'string' && inner !== '')
  return found === undefined ? undefined : escapeControl(String(found))
}
