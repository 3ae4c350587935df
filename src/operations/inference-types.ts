// What types the fields of a model should have, told from the values that were seen.
import { singularOf } from '../models/singular.ts'
import type { FieldType, FoundReference, InferredField, PlainKind } from './inference-field.ts'
import { geometryOf, isRecord, mergedFields } from './inference-objects.ts'
import { mixture, said } from './inference-remarks.ts'
import type { Summary } from './inference-summary.ts'

/** What is known beside the values themselves. */
export interface TypeContext {
  /** Whether the values are all there are. */
  readonly isWhole: boolean
  readonly references: ReadonlyMap<Summary, FoundReference>
  /** What was learned about a place when references were looked for. */
  readonly remarks: ReadonlyMap<Summary, readonly string[]>
  /** The values that the server allows at a path. */
  readonly allowed: ReadonlyMap<string, readonly string[]>
}

/** Where a value lies. */
interface Place {
  readonly name: string
  readonly path: string
  /** What one value is called: a document has a field, a list has elements. */
  readonly noun: 'documents' | 'objects' | 'elements' | 'values'
}

/** Gives the fields of documents or objects; names that no field can have are left out. */
export function fieldsOf(
  summary: Summary,
  context: TypeContext,
  { parent, canBe }: { readonly parent: string; readonly canBe: (name: string) => boolean },
): readonly InferredField[] {
  const noun = parent === '' ? 'documents' : 'objects'
  const objects = summary.countOf('object')
  return [...summary.fields]
    .filter(([name]) => canBe(name))
    .map(([name, values]) => {
      const place: Place = { name, path: parent === '' ? name : `${parent}.${name}`, noun }
      const missing = objects - values.count + values.countOf('undefined')
      const { type, notes } = typeOf(values, context, place)
      const isOpen = type.kind === 'unknown'
      const isSecret = type.kind === 'string' && secretNames.test(name)
      return { name, type, notes, optional: missing > 0, nullable: values.has('null') && !isOpen, isSecret }
    })
}

const secretNames = /pass(word|wd|phrase)|secret|(api|private)_?key|(access|refresh|reset|auth|session)_?token/i

/** A type with what is uncertain about it. */
interface Told {
  readonly type: FieldType
  readonly notes: readonly string[]
}

function typeOf(values: Summary, context: TypeContext, place: Place): Told {
  const notes = [...(context.remarks.get(values) ?? [])]
  const reference = context.references.get(values)
  if (reference) return { type: { kind: 'ref', ...reference }, notes }
  const options = optionsOf(values, context, place)
  const [only] = options
  const reason = noTypeFor(values)
  if (!only || reason) return { type: { kind: 'unknown' }, notes: [...notes, reason ?? nothingIn(values, place)] }
  const inner = options.flatMap(option => option.notes)
  if (options.length === 1) return { type: only.type, notes: [...notes, ...inner] }
  const of = options.map(({ type }) => (type.kind === 'object' ? { ...type, kind: 'loose' as const } : type))
  const mixed = values.hasNaN ? ['some are NaN', mixture(values, place.noun)] : [mixture(values, place.noun)]
  return { type: { kind: 'union', of }, notes: [...notes, ...mixed.filter(note => note !== ''), ...inner] }
}

function noTypeFor(values: Summary): string | undefined {
  if (values.has('other')) return `holds ${[...values.others].join(' and ')}, which no field can be`
  return values.hasInfinity ? 'some are infinite, which no number of a model may be' : undefined
}

function nothingIn(values: Summary, { noun }: Place): string {
  return values.has('null') ? `null in ${allOf(values.count, noun)}` : 'undefined wherever it is'
}

function allOf(count: number, noun: Place['noun']): string {
  return count === 1 ? `the only ${noun.slice(0, -1)} that has it` : `all ${said(count)} ${noun} that have it`
}

// Types that convert what they are given come last, so that a union leaves everything as it is stored.
function optionsOf(values: Summary, context: TypeContext, place: Place): readonly Told[] {
  const plain = (kind: PlainKind): Told => ({ type: { kind }, notes: [] })
  return [
    ...(values.has('bool') ? [plain('boolean')] : []),
    ...numbersOf(values).map(plain),
    ...(values.has('date') ? [plain('date')] : []),
    ...(values.has('string') ? [textOf(values, context, place)] : []),
    ...(values.has('object') ? [objectOf(values, context, place)] : []),
    ...(values.has('array') ? [listOf(values, context, place)] : []),
    ...(values.has('objectId') ? [plain('objectId')] : []),
    ...(values.has('uuid') && !values.has('binData') ? [plain('uuid')] : []),
    ...(values.has('binData') ? [plain('binary')] : []),
    ...(values.has('decimal') ? [plain('decimal')] : []),
    ...(values.has('long') && needsLong(values) ? [plain('long')] : []),
  ]
}

function numbersOf(values: Summary): readonly PlainKind[] {
  if (values.hasInfinity) return []
  const isFloat = values.has('double') && !values.isLargeWhole
  const isWhole = values.has('int', 'double') && !isFloat
  const nan: readonly PlainKind[] = values.hasNaN ? ['nan'] : []
  if (isFloat) return ['number', ...nan]
  if (isWhole && !(values.has('long') && !values.has('double'))) return ['int']
  return []
}

// Beside doubles, a 64-bit integer that is small enough is a number like others.
function needsLong(values: Summary): boolean {
  return !values.has('double') || !values.isSafe
}

function textOf(values: Summary, context: TypeContext, { name, path }: Place): Told {
  const texts = values.texts
  const allowed = context.allowed.get(path)
  if (allowed && texts && [...texts.keys()].every(text => allowed.includes(text)))
    return { type: { kind: 'enum', values: allowed }, notes: [] }
  if (texts && isClosed(values, texts, name)) {
    const notes = context.isWhole ? [] : ['there may be other values outside the sample']
    return { type: { kind: 'enum', values: [...texts.keys()].sort() }, notes }
  }
  if (values.isEmail && /mail/i.test(name)) return { type: { kind: 'email' }, notes: [] }
  if (values.isLink && /ur[li]|link|website|homepage/i.test(name)) return { type: { kind: 'url' }, notes: [] }
  return { type: { kind: 'string' }, notes: [] }
}

const openNames =
  /name|title|city|town|street|address|comment|text|label|description|author|phone|zip|post_?code|token|hash|password|secret|key|(^|[^a-z])id$/i

// A few words that repeat are a choice; the same few in a handful of documents are chance.
function isClosed(values: Summary, texts: ReadonlyMap<string, number>, name: string): boolean {
  const count = values.countOf('string')
  if (texts.size < 2 || texts.size > 12 || count < 12 || count / texts.size < 4) return false
  if (values.longest > 40 || openNames.test(name)) return false
  return [...texts.keys()].every(text => /^\p{L}[\p{L}\p{N} _/&.-]*$/u.test(text))
}

function objectOf(values: Summary, context: TypeContext, place: Place): Told {
  if (values.fields.size === 0)
    return { type: { kind: 'record', of: { kind: 'unknown' } }, notes: ['empty wherever it is'] }
  const point = geometryOf(values)
  if (point) return { type: point, notes: [] }
  if (isRecord(values)) return recordOf(values, context, place)
  const unnamed = [...values.fields.keys()].filter(name => !isInnerName(name))
  const left =
    unnamed.length > 0
      ? [`${unnamed.map(name => JSON.stringify(name)).join(', ')} in it cannot be declared, and stays as it is`]
      : []
  const fields = fieldsOf(values, context, { parent: place.path, canBe: isInnerName })
  return { type: { kind: unnamed.length > 0 ? 'loose' : 'object', fields }, notes: left }
}

function isInnerName(name: string): boolean {
  return name !== '' && name !== '__proto__' && !name.includes('.') && !name.startsWith('$')
}

function recordOf(values: Summary, context: TypeContext, { name, path }: Place): Told {
  const merged = mergedFields(values)
  const { type, notes } = typeOf(merged, context, { name: singularOf(name), path: `${path}.*`, noun: 'values' })
  const of: FieldType = type.kind === 'object' ? { ...type, kind: 'loose' } : type
  return { type: { kind: 'record', of: merged.has('null') ? { kind: 'nullable', of } : of }, notes }
}

function listOf(values: Summary, context: TypeContext, { name, path }: Place): Told {
  const { element } = values
  if (!element) return { type: { kind: 'array', of: { kind: 'unknown' } }, notes: ['empty wherever it is'] }
  const { type, notes } = typeOf(element, context, { name: singularOf(name), path, noun: 'elements' })
  return { type: { kind: 'array', of: element.has('null') ? { kind: 'nullable', of: type } : type }, notes }
}
