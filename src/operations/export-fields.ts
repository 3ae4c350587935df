// Which fields an export holds: secret and encrypted ones are left out unless they are asked for.
import { UnknownPath } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { suggestion } from '../models/nearest.ts'
import { findPath, pathNames } from '../models/path.ts'

/** The fields of an export. */
export interface ExportFields {
  /** What is asked of the database; empty for everything. */
  readonly select: readonly string[]
  /** What is left out, for it is to be kept: said, so that nobody misses it later. */
  readonly leftOut: readonly string[]
}

/** Decides what is read, of a selection or of everything. Throws `UnknownPath`. */
export function exportFields(
  definition: ModelDefinition,
  select: readonly string[],
  { secrets }: { readonly secrets: 'leave' | 'include' },
): ExportFields {
  for (const path of select) checkPath(definition, path.replace(/^-/, ''))
  const hidden = secrets === 'include' ? [] : definition.fields.flatMap(hiddenIn)
  const isList = select.length > 0 && !select[0]!.startsWith('-')
  if (!isList) {
    const left = hidden.filter(path => !select.some(out => isWithin(path, out.slice(1))))
    return { select: [...select, ...left.map(path => `-${path}`)], leftOut: left }
  }
  const leftOut = hidden.filter(path => select.some(wanted => isWithin(path, wanted) || isWithin(wanted, path)))
  const shown = select.flatMap(path => visible(definition, path, new Set(hidden)))
  // A selection of nothing would be read as everything.
  return { select: shown.length > 0 ? shown : ['_id'], leftOut }
}

function checkPath(definition: ModelDefinition, path: string): void {
  if (findPath(definition, path).known) return
  throw new UnknownPath({ model: definition.name, path, nearest: suggestion(path, pathNames(definition)) })
}

/** Tells whether a path is another or lies in it. */
function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`)
}

function hiddenIn(field: Field): readonly string[] {
  if (field.marks.secret || field.marks.encrypted) return [field.path]
  const inner = [...(field.element ? [field.element] : []), ...(field.fields ?? [])]
  return [...new Set(inner.flatMap(hiddenIn))]
}

// A field with something hidden in it is asked for by its other parts.
function visible(definition: ModelDefinition, path: string, hidden: ReadonlySet<string>): readonly string[] {
  if ([...hidden].some(one => isWithin(path, one))) return []
  const { field } = findPath(definition, path)
  if (!field || ![...hidden].some(one => isWithin(one, path))) return [path]
  const inner = (field.element ?? field).fields ?? []
  return inner.flatMap(one => visible(definition, one.path, hidden))
}
