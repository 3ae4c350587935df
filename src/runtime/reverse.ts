// Reverse references: loads, counts and populates the documents that refer to others.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { checkFilter } from '../models/filter.ts'
import { suggestion } from '../models/nearest.ts'
import { findPath, pathNames } from '../models/path.ts'
import { emptyPlan, type Plan, type PopulatePlan } from '../models/plan.ts'
import { refKey } from '../models/ref.ts'
import type { DocumentBase, RuntimeModel } from './document.ts'
import { countOf, readAll } from './execute.ts'
import { readInto } from './fit.ts'

/** Puts the reverse references of a model on its documents: they load and count until they are populated. */
export function defineReverse(prototype: object, definition: ModelDefinition): void {
  for (const field of definition.fields.filter(candidate => candidate.kind === 'many')) {
    Object.defineProperty(prototype, field.name, {
      configurable: true,
      get(this: DocumentBase) {
        return {
          load: async () => (await loadReverse([this], field, undefined)).get(keyText(this._id)) ?? [],
          count: () => countOf(reverseTarget(field).definition, planFor([this], field, undefined)),
        }
      },
    })
  }
}

/** Loads what refers to the documents, with one query, and gives it to each as a list. */
export async function populateReverse(
  owners: readonly DocumentBase[],
  field: Field,
  plan: PopulatePlan,
): Promise<readonly DocumentBase[]> {
  const found = await loadReverse(owners, field, plan)
  for (const owner of owners) {
    const all = found.get(keyText(owner._id)) ?? []
    const value = plan.limit === undefined ? all : all.slice(0, plan.limit)
    Object.defineProperty(owner, field.name, { value, enumerable: true, writable: true, configurable: true })
  }
  return [...new Set([...found.values()].flat())]
}

/** Gives the model that a reverse reference leads to. */
export function reverseTarget(field: Field): RuntimeModel {
  return field.marks.many!.target() as RuntimeModel
}

async function loadReverse(
  owners: readonly DocumentBase[],
  field: Field,
  plan: PopulatePlan | undefined,
): Promise<Map<string, DocumentBase[]>> {
  const target = reverseTarget(field)
  const { foreign } = field.marks.many!
  const asked = planFor(owners, field, plan)
  const groups = new Map<string, DocumentBase[]>()
  for (const document of await readInto(target, await readAll(target.definition, asked), asked.select)) {
    for (const key of new Set(keysAt(document, foreign.split('.'))))
      groups.set(key, [...(groups.get(key) ?? []), document])
  }
  return groups
}

function planFor(owners: readonly DocumentBase[], field: Field, plan: PopulatePlan | undefined): Plan {
  const { definition } = reverseTarget(field)
  const { foreign } = field.marks.many!
  if (!findPath(definition, foreign).known)
    throw new GooseError('MODEL_INVALID', {
      model: definition.name,
      reason: `many() names "${foreign}", which it does not have`,
      hint: suggestion(foreign, pathNames(definition)),
    })
  const filters = [
    { [foreign]: { $in: owners.map(owner => owner._id) } },
    ...(plan?.match ? [checkFilter(definition, plan.match)] : []),
  ]
  const select = plan && plan.select.length > 0 ? [...new Set([...plan.select, foreign])] : []
  const sort = plan && plan.sort.length > 0 ? plan.sort : ([['_id', 1]] as const)
  return { ...emptyPlan, filters, select, sort, deleted: plan?.includeDeleted ? 'include' : 'exclude' }
}

function keysAt(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap(item => keysAt(item, path))
  const [head, ...rest] = path
  if (head !== undefined)
    return typeof value === 'object' && value !== null ? keysAt((value as Record<string, unknown>)[head], rest) : []
  const key = refKey(value, { target: () => undefined as never, by: '_id' })
  return key === undefined ? [] : [keyText(key)]
}

function keyText(key: unknown): string {
  return typeof key === 'object' ? String(key) : `${typeof key} ${String(key)}`
}
