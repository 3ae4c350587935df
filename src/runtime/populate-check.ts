// Refuses what cannot be populated: paths that lead nowhere, too deep or back, options without a meaning.
import { GooseError, UnknownPath } from '../errors.ts'
import { refuseEncrypted } from '../models/encrypted-fields.ts'
import { type Field, innermost } from '../models/field.ts'
import { checkFilter } from '../models/filter.ts'
import { suggestion } from '../models/nearest.ts'
import { findPath, unknownPath } from '../models/path.ts'
import type { PopulatePlan } from '../models/plan.ts'
import { isMixed } from '../models/selection.ts'
import type { RuntimeModel } from './document.ts'
import { reverseTarget } from './reverse.ts'

const DEEPEST = 5

/** Refuses a path that cannot be populated, or not as asked. */
export function checkPopulate(model: RuntimeModel, plan: PopulatePlan): void {
  const segments = plan.path.split('.')
  let fields: readonly Field[] = model.definition.fields
  let refs = 0
  let back: string | undefined
  for (const [i, segment] of segments.entries()) {
    const field = fields.find(candidate => candidate.name === segment)
    if (!field) throw noReference(model, plan.path, { fields, at: i })
    if (segment === back) throw circular(model, plan.path, segments.slice(0, i + 1))
    const leaf = innermost(field)
    if (isTarget(leaf)) refs++
    back = leaf.marks.many?.foreign
    fields = isTarget(leaf) ? targetOf(leaf).definition.fields : (leaf.fields ?? [])
    if (i < segments.length - 1) continue
    if (!isTarget(leaf)) throw noReference(model, plan.path, { fields, at: segments.length })
    checkLast(model, plan, leaf)
  }
  const deeper = `populate of "${plan.path}" is deeper than ${DEEPEST} references`
  if (refs > DEEPEST) throw invalid(model, deeper, 'load the rest with a query of its own')
}

/** Gives the model that a reference leads to. */
export function targetOf(field: Field): RuntimeModel {
  return field.marks.many ? reverseTarget(field) : (field.ref!.target() as unknown as RuntimeModel)
}

function checkLast(model: RuntimeModel, plan: PopulatePlan, field: Field): void {
  const { definition } = targetOf(field)
  const sorted = plan.sort.map(([path]) => path)
  for (const path of [...sorted, ...plan.select.map(each => each.replace(/^-/, ''))])
    if (!findPath(definition, path).known) throw unknownPath(definition, path)
  for (const path of sorted) refuseEncrypted(definition, path, 'sort')
  if (isMixed(plan.select)) throw invalid(model, 'select mixes paths to read and paths to leave out', 'name one kind')
  if (plan.match) checkFilter(definition, plan.match)
  if (field.kind !== 'many' && (sorted.length > 0 || plan.limit !== undefined))
    throw invalid(
      model,
      `"${plan.path}" holds its references itself, in its own order and number`,
      'leave sort and limit out',
    )
  if (plan.limit !== undefined && (!Number.isSafeInteger(plan.limit) || plan.limit < 1))
    throw invalid(model, `the limit of "${plan.path}" is ${plan.limit}`, 'give a whole number from 1')
}

interface Stop {
  /** What there is where the path ends. */
  readonly fields: readonly Field[]
  readonly at: number
}

function noReference(model: RuntimeModel, path: string, { fields, at }: Stop): UnknownPath {
  const segments = path.split('.')
  const before = segments.slice(0, at)
  const inside = referencesIn(fields).map(name => [...before, name].join('.'))
  const all = inside.length > 0 ? inside : referencesIn(model.definition.fields)
  const known = at === segments.length ? `"${path}" is no reference; ` : ''
  return new UnknownPath({ model: model.modelName, path, nearest: `${known}${suggestion(path, all)}` })
}

// What refers to a document refers to that document: loading it again from there is a circle.
function circular(model: RuntimeModel, path: string, segments: readonly string[]): GooseError {
  return invalid(
    model,
    `populate of "${path}" goes in a circle: "${segments.join('.')}" is where it comes from`,
    `populate "${segments.slice(0, -1).join('.')}" alone`,
  )
}

function invalid(model: RuntimeModel, reason: string, hint: string): GooseError {
  return new GooseError('INVALID_QUERY', { model: model.modelName, reason, hint })
}

function isTarget(field: Field): boolean {
  return field.ref !== undefined || field.kind === 'many'
}

function referencesIn(fields: readonly Field[]): readonly string[] {
  return fields.flatMap(field => {
    const leaf = innermost(field)
    if (isTarget(leaf)) return [field.name]
    return referencesIn(leaf.fields ?? []).map(name => `${field.name}.${name}`)
  })
}
