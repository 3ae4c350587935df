// Objects that are no list of fields: those whose names are data, and places on the map.
import type { FieldType, InferredField } from './inference-field.ts'
import { Summary } from './inference-summary.ts'

/** Puts the values of all names together. */
export function mergedFields(values: Summary): Summary {
  const known = merges.get(values)
  if (known) return known
  const parts = [...values.fields.values(), ...(values.rest ? [values.rest] : [])]
  const merged = new Summary()
  for (const part of parts) merged.merge(part)
  merges.set(values, merged)
  return merged
}

// Asked for twice, once for references and once for types, which are found by the place they are at.
const merges = new WeakMap<Summary, Summary>()

/** Tells whether the values of a place are kept under names that are data. */
export function isRecord(values: Summary): boolean {
  return values.fields.size > 0 && !geometryOf(values) && hasDataAsNames(values)
}

const geometries = new Set(['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon'])

/** Gives the type of a point on the map, where all objects are one. */
export function geometryOf(values: Summary): FieldType | undefined {
  const [type, coordinates] = [values.fields.get('type'), values.fields.get('coordinates')]
  if (!type?.texts || !coordinates || values.fields.size !== 2 || type.countOf('string') < type.count) return undefined
  const names = [...type.texts.keys()]
  const isThere = [type, coordinates].every(({ count }) => count === values.countOf('object'))
  if (!isThere || !names.every(name => geometries.has(name)) || coordinates.countOf('array') < coordinates.count)
    return undefined
  const isPoint = names.join() === 'Point' && [...coordinates.lengths].join() === '2'
  const numbers: FieldType = { kind: 'number' }
  const isFlat = coordinates.element?.countOf('int', 'double') === coordinates.element?.count
  if (!isPoint || !isFlat || coordinates.element?.hasNaN || coordinates.element?.hasInfinity) return undefined
  const field = (name: string, of: FieldType): InferredField => ({
    name,
    type: of,
    optional: false,
    nullable: false,
    notes: [],
  })
  const pair: FieldType = { kind: 'tuple', of: [numbers, numbers] }
  return { kind: 'object', fields: [field('type', { kind: 'literal', values: names }), field('coordinates', pair)] }
}

const idText = /^([0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+|\d{4}-\d\d(-\d\d)?)$/i

/** Tells whether the names in objects are data: ids, or each in few of the objects. */
function hasDataAsNames(values: Summary): boolean {
  const names = [...values.fields.keys()]
  if (names.every(name => idText.test(name))) return true
  if (names.length + values.restNames <= 20) return false
  const objects = values.countOf('object')
  const counts = [...values.fields.values()].map(({ count }) => count)
  const sum = counts.reduce((total, count) => total + count, 0)
  return Math.max(...counts) < objects / 2 && sum / (names.length * objects) < 0.1
}
