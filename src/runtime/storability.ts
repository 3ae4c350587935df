// Refuses values that the driver would leave out or change without a word, where schemas let anything through.
import { ValidationFailed, type ValidationIssue } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { type Field, innermost } from '../models/field.ts'
import { type Fault, faultIn } from '../models/storable.ts'
import type { Changes } from './changes.ts'
import type { Stored } from './codec.ts'
import { inClear } from './plaintext.ts'

/** Refuses new documents that would not be stored as they are. Throws `ValidationFailed`. */
export function refuseUnstorable(definition: ModelDefinition, documents: readonly Stored[]): void {
  const open = openFields(definition)
  if (open.length === 0) return
  for (const stored of documents)
    refuse(
      definition,
      open.map(({ name }) => faultIn(inClear(stored[name]), name)),
    )
}

/** Refuses changes that would not be stored as they are. Throws `ValidationFailed`. */
export function refuseUnstorableChanges(definition: ModelDefinition, { set, push }: Changes): void {
  const values = [...Object.entries(set), ...Object.entries(push)]
  refuse(
    definition,
    values.map(([path, value]) => faultIn(inClear(value), path)),
  )
}

function refuse({ name }: ModelDefinition, faults: readonly (Fault | undefined)[]): void {
  const issues: ValidationIssue[] = faults.flatMap(fault =>
    fault ? [{ path: fault.path, message: fault.reason }] : [],
  )
  if (issues.length > 0) throw new ValidationFailed(name, issues)
}

const known = new WeakMap<ModelDefinition, readonly Field[]>()

// Where a schema names the type, it has refused everything else already.
function openFields(definition: ModelDefinition): readonly Field[] {
  const there = known.get(definition)
  if (there) return there
  const open = definition.fields.filter(field => !field.marks.transient && isOpen(field))
  known.set(definition, open)
  return open
}

const open: ReadonlySet<Field['kind']> = new Set(['mixed', 'record', 'long'])

function isOpen(field: Field): boolean {
  const { kind, loose, fields = [] } = innermost(field)
  return open.has(kind) || loose || fields.some(isOpen)
}
