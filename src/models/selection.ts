// What a selection of fields reads of a document, and what must be read beside it.
import type { ModelDefinition } from './definition.ts'
import type { Plan } from './plan.ts'
import { settingsOf } from './settings.ts'
import { variantField } from './variant.ts'

type Selection = readonly string[]

/** Tells whether a selection names both paths to read and paths to leave out. */
export function isMixed(select: Selection): boolean {
  return new Set(select.map(path => path.startsWith('-'))).size > 1
}

/** Tells how much of a top-level field a selection reads. */
export function extentOf(select: Selection, name: string): 'whole' | 'part' | 'none' {
  const paths = select.map(bare)
  const isInside = paths.some(path => path.startsWith(`${name}.`))
  if (leavesOut(select)) return paths.includes(name) ? 'none' : isInside ? 'part' : 'whole'
  if (select.length === 0 || paths.includes(name)) return 'whole'
  return isInside ? 'part' : name === '_id' ? 'whole' : 'none'
}

/** Gives a plan that reads what documents need to be written again: their version, their variant, whether they are deleted. */
export function withNeeded(definition: ModelDefinition, plan: Plan): Plan {
  if (plan.select.length === 0) return plan
  const { version, softDelete } = settingsOf(definition)
  const populated = plan.populate.map(({ path }) => path)
  const needed = [version, softDelete?.field, variantField(definition)].filter(name => name !== undefined)
  return { ...plan, select: selecting(plan.select, [...needed, ...populated.map(path => ownPart(definition, path))]) }
}

/** Gives a selection that reads these paths as well. */
export function selecting(select: Selection, paths: readonly string[]): Selection {
  if (select.length === 0) return select
  if (leavesOut(select)) {
    const kept = select.filter(
      path => !paths.some(needed => isWithin(bare(path), needed) || isWithin(needed, bare(path))),
    )
    // Without anything to leave out, everything is read.
    return kept
  }
  const missing = paths.filter(path => !select.some(there => isWithin(path, there)))
  return [...new Set([...select.filter(there => !missing.some(path => isWithin(there, path))), ...missing])]
}

/** Gives a selection as the server takes it: of a path and one inside it, the outer one. */
export function projectionOf(select: Selection): Record<string, 0 | 1> {
  const outer = select.filter(path => !select.some(other => other !== path && isWithin(path, other)))
  return Object.fromEntries(outer.map(path => [bare(path), path.startsWith('-') ? 0 : 1]))
}

// The part of a path to populate that lies in the document itself: what refers to it lies elsewhere.
function ownPart(definition: ModelDefinition, path: string): string {
  const [head = '', ...rest] = path.split('.')
  let field = definition.fieldByName.get(head)
  if (field?.kind === 'many') return '_id'
  const own = [head]
  for (const name of rest) {
    while (field?.element) field = field.element
    if (!field?.fields) break
    field = field.fields.find(inner => inner.name === name)
    own.push(name)
  }
  return own.join('.')
}

function leavesOut(select: Selection): boolean {
  return select[0]?.startsWith('-') ?? false
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`)
}

function bare(path: string): string {
  return path.replace(/^-/, '')
}
