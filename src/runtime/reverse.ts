// Reverse references: loads, counts and populates the documents that refer to others.
import { GooseError, UnknownPath } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { checkFilter } from '../models/filter.ts'
import { suggestion } from '../models/nearest.ts'
import { findPath, pathNames } from '../models/path.ts'
import { emptyPlan, type Plan, type PopulatePlan, selectWith } from '../models/plan.ts'
import { refKey } from '../models/ref.ts'
import type { DocumentBase, RuntimeModel } from './document.ts'
import { aggregateOf, countOf, readAll } from './execute.ts'
import { readInto } from './fit.ts'
import { keyText } from './reference-places.ts'

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

/** Counts what refers to each of the documents, with one command; what is deleted does not count. */
export async function countReverse(
  model: RuntimeModel,
  owners: readonly DocumentBase[],
  path: string,
): Promise<readonly number[]> {
  const field = model.definition.fieldByName.get(path)
  const reverse = model.definition.fields.filter(candidate => candidate.kind === 'many').map(({ name }) => name)
  if (field?.kind !== 'many')
    throw new UnknownPath({ model: model.modelName, path, nearest: suggestion(path, reverse) })
  if (owners.length === 0) return []
  const { definition } = reverseTarget(field)
  const { filters } = planFor(owners, field, undefined)
  const stages = [{ $match: filters[0]! }, ...tallied(field.marks.many!.foreign, owners)]
  const tally = await aggregateOf(definition, stages, 'exclude')
  const counts = new Map(tally.map(({ _id, count }) => [keyText(_id), Number(count)]))
  return owners.map(owner => counts.get(keyText(owner._id)) ?? 0)
}

// A document that refers to another twice counts once for it. Lists in lists are laid flat before.
function tallied(foreign: string, owners: readonly DocumentBase[]) {
  const ids = owners.map(owner => owner._id)
  return [
    { $project: { key: `$${foreign}` } },
    { $unwind: '$key' },
    { $unwind: '$key' },
    { $match: { key: { $in: ids } } },
    { $group: { _id: { document: '$_id', key: '$key' } } },
    { $group: { _id: '$_id.key', count: { $sum: 1 } } },
  ]
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
      groups.get(key)?.push(document) ?? groups.set(key, [document])
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
  const select = selectWith(plan?.select ?? [], foreign)
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
