// Dotted paths: which field of a model a path means.
import { UnknownPath } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import { type Field, innermost } from './field.ts'
import { suggestion } from './nearest.ts'

/** What a path leads to; a known path may have no field, as inside a record. */
export interface FoundPath {
  readonly known: boolean
  readonly field: Field | undefined
}

const unknown: FoundPath = { known: false, field: undefined }

/** Finds the field of a dotted path; positions in lists and `$` operators of updates are skipped. */
export function findPath(definition: ModelDefinition, path: string): FoundPath {
  const [head, ...rest] = path.split('.')
  if (head === '_id' && !definition.fieldByName.has('_id')) return { known: rest.length === 0, field: undefined }
  const field = definition.fieldByName.get(head ?? '')
  return field && field.kind !== 'many' ? descend(field, rest) : unknown
}

/** Tells whether what lies at a path, around or inside it must not be shown. */
export function isHiddenAt(definition: ModelDefinition, path: string): boolean {
  const field = definition.fieldByName.get(path.split('.')[0] ?? '')
  if (!field || !holdsHidden(field)) return false
  const { field: exact } = findPath(definition, path)
  return exact === undefined || holdsHidden(exact) || isHidden(field)
}

function holdsHidden(field: Field): boolean {
  return (
    isHidden(field) ||
    (field.element !== undefined && holdsHidden(field.element)) ||
    (field.fields ?? []).some(holdsHidden)
  )
}

function isHidden(field: Field): boolean {
  return field.marks.secret === true || field.marks.encrypted !== undefined
}

/** Gives every path of a model, for "did you mean". */
export function pathNames(definition: ModelDefinition): readonly string[] {
  return ['_id', ...definition.fields.filter(field => field.kind !== 'many').flatMap(namesOf)]
}

/** Makes the error of a path that a model does not have: with the nearest, or with the reference that it reaches into. */
export function unknownPath(definition: ModelDefinition, path: string): UnknownPath {
  const reached = referenceOn(definition, path)
  const nearest = reached
    ? `"${reached}" is a reference and holds a key alone; populate it to read what it refers to`
    : suggestion(path, pathNames(definition))
  return new UnknownPath({ model: definition.name, path, nearest })
}

/** Gives the list of which a path takes one item by its position, if there is one. */
export function listOn(definition: ModelDefinition, path: string): string | undefined {
  const segments = path.split('.')
  const at = segments.findIndex((segment, index) => {
    const list = findPath(definition, segments.slice(0, index).join('.')).field
    return /^\d+$/.test(segment) && list?.element !== undefined
  })
  return at === -1 ? undefined : segments.slice(0, at).join('.')
}

/** Gives the part of a path that is a reference, where the path goes on behind it. */
export function referenceOn(definition: ModelDefinition, path: string): string | undefined {
  const segments = path.split('.')
  const heads = segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join('.'))
  return heads.find(head => {
    const { field } = findPath(definition, head)
    return field !== undefined && innermost(field).ref !== undefined
  })
}

function descend(field: Field, rest: readonly string[]): FoundPath {
  const [head, ...tail] = rest
  if (head === undefined) return { known: true, field }
  if (field.element) return isPosition(head) ? descend(field.element, tail) : descend(field.element, rest)
  if (field.kind === 'mixed' || field.kind === 'record') return { known: true, field: undefined }
  const inner = field.fields?.find(candidate => candidate.name === head)
  if (inner) return descend(inner, tail)
  return field.loose ? { known: true, field: undefined } : unknown
}

function isPosition(segment: string): boolean {
  return /^(\d+|\$(\[\w*\])?)$/.test(segment)
}

function namesOf(field: Field): string[] {
  const leaf = field.element
    ? namesOf({ ...field.element, path: field.path }).slice(1)
    : (field.fields ?? []).flatMap(namesOf)
  return [field.path, ...leaf]
}
