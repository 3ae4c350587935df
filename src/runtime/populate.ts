// Populate: replaces references by documents, with one query for each path and batch.
import { AmbiguousReference, GooseError, ReferenceMissing, UnknownPath } from '../errors.ts'
import type { Field } from '../models/field.ts'
import { checkFilter } from '../models/filter.ts'
import { suggestion } from '../models/nearest.ts'
import { emptyPlan, type PopulatePlan, populatePlan } from '../models/plan.ts'
import { isReference, refKey } from '../models/ref.ts'
import { DocumentBase, modelOf, type RuntimeModel } from './document.ts'
import { readAll } from './execute.ts'
import { readInto } from './fit.ts'
import { loseReference } from './missing.ts'
import { populateReverse, reverseTarget } from './reverse.ts'

const DEEPEST = 5

/** A place that holds a reference: the object or list, and the key in it. */
interface Place {
  readonly owner: DocumentBase
  readonly holder: Record<string, unknown>
  readonly key: string
  readonly field: Field
}

/** Loads the references of the paths into the documents. */
export async function populateAll(
  model: RuntimeModel,
  documents: readonly DocumentBase[],
  paths: readonly PopulatePlan[],
): Promise<void> {
  for (const plan of paths) await populatePath(model, documents, plan)
}

/** Refuses a path that cannot be populated. */
export function checkPopulate(model: RuntimeModel, path: string): void {
  const segments = path.split('.')
  let fields: readonly Field[] = model.definition.fields
  let refs = 0
  let back: string | undefined
  for (const [i, segment] of segments.entries()) {
    const field = fields.find(candidate => candidate.name === segment)
    if (field && segment === back) throw circular(model, path, segments.slice(0, i + 1))
    if (!field)
      throw new UnknownPath({
        model: model.modelName,
        path,
        nearest: suggestion(
          segment,
          fields.filter(hasRefs).map(f => f.name),
        ),
      })
    const leaf = innermost(field)
    if (isTarget(leaf)) refs++
    back = leaf.marks.many?.foreign
    if (i === segments.length - 1 && !isTarget(leaf))
      throw new UnknownPath({
        model: model.modelName,
        path,
        nearest: `"${segment}" is no reference; ${suggestion(
          segment,
          fields.filter(hasRefs).map(f => f.name),
        )}`,
      })
    fields = isTarget(leaf) ? targetOf(leaf).definition.fields : (leaf.fields ?? [])
  }
  if (refs > DEEPEST)
    throw new GooseError('INVALID_QUERY', {
      model: model.modelName,
      reason: `populate of "${path}" is deeper than ${DEEPEST} references`,
      hint: 'load the rest with a query of its own',
    })
}

// What refers to a document refers to that document: loading it again from there is a circle.
function circular(model: RuntimeModel, path: string, segments: readonly string[]): GooseError {
  return new GooseError('INVALID_QUERY', {
    model: model.modelName,
    reason: `populate of "${path}" goes in a circle: "${segments.join('.')}" is where it comes from`,
    hint: `populate "${segments.slice(0, -1).join('.')}" alone`,
  })
}

async function populatePath(
  model: RuntimeModel,
  documents: readonly DocumentBase[],
  plan: PopulatePlan,
): Promise<void> {
  checkPopulate(model, plan.path)
  let owners = documents
  let fields: readonly Field[] = model.definition.fields
  let segments = plan.path.split('.')
  while (segments.length > 0 && owners.length > 0) {
    const [first, ...rest] = segments
    const field = fields.find(candidate => candidate.name === first)!
    if (field.kind === 'many') {
      owners = await populateReverse(owners, field, rest.length === 0 ? plan : populatePlan(first!))
      fields = targetOf(field).definition.fields
      segments = rest
      continue
    }
    const found = placesOf(owners, fields, segments)
    await fillPlaces(
      found.places,
      found.rest.length === 0 ? plan : { ...populatePlan(plan.path), onMissing: plan.onMissing },
    )
    if (!found.leaf) return
    owners = loadedIn(found.places)
    fields = targetOf(found.leaf).definition.fields
    segments = found.rest
  }
}

// Walks from documents through embedded objects and lists to the places of the first reference of the path.
function placesOf(owners: readonly DocumentBase[], fields: readonly Field[], segments: readonly string[]) {
  let spots = owners.map(owner => ({ owner, value: owner as Record<string, unknown> }))
  for (const [i, segment] of segments.entries()) {
    const field = fields.find(candidate => candidate.name === segment)!
    const leaf = innermost(field)
    if (leaf.ref)
      return {
        leaf,
        rest: segments.slice(i + 1),
        places: spots.flatMap(spot => slots(spot.owner, spot.value, segment, leaf)),
      }
    spots = spots.flatMap(spot => objectsIn(spot.value[segment]).map(value => ({ owner: spot.owner, value })))
    fields = leaf.fields ?? []
  }
  return { leaf: undefined, rest: [], places: [] }
}

function slots(owner: DocumentBase, holder: Record<string, unknown>, key: string, field: Field): Place[] {
  const value = holder[key]
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) return [{ owner, holder, key, field }]
  return value.flatMap((_, i) => slots(owner, value as never, String(i), field))
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : []
}

async function fillPlaces(places: readonly Place[], plan: PopulatePlan): Promise<void> {
  const open = places.filter(place => isReference(place.holder[place.key]))
  const [first] = open
  if (!first) return
  const loaded = await loadTargets(open, first.field, plan)
  for (const place of open) {
    const key = refKey(place.holder[place.key], first.field.ref!)
    const document = loaded.get(textOf(key))
    if (document) place.holder[place.key] = document
    else missing(place, key, plan)
  }
}

async function loadTargets(
  places: readonly Place[],
  field: Field,
  plan: PopulatePlan,
): Promise<Map<string, DocumentBase>> {
  const mark = field.ref!
  const target = targetOf(field)
  const keys = new Map(places.map(place => refKey(place.holder[place.key], mark)).map(key => [textOf(key), key]))
  const select = plan.select.length > 0 ? [...new Set([...plan.select, mark.by])] : []
  const matches = plan.match ? [checkFilter(target.definition, plan.match)] : []
  const filters = [{ [mark.by]: { $in: [...keys.values()] } }, ...matches]
  const deleted = plan.includeDeleted ? 'include' : 'exclude'
  const found = await readAll(target.definition, { ...emptyPlan, filters, select, deleted })
  const documents = await readInto(target, found, select)
  const loaded = new Map<string, DocumentBase>()
  for (const document of documents) {
    const key = textOf(document[mark.by])
    if (loaded.has(key) && mark.by !== '_id')
      throw new AmbiguousReference({
        model: modelOf(places[0]!.owner).modelName,
        path: field.path,
        target: target.modelName,
        by: mark.by,
        key: String(document[mark.by]),
      })
    loaded.set(key, document)
  }
  return loaded
}

function missing(place: Place, key: unknown, plan: PopulatePlan): void {
  const isNull =
    plan.onMissing === 'null' || (plan.onMissing === undefined && (place.field.nullable || place.field.optional))
  if (isNull) {
    loseReference(place.holder, place.key, key)
    return
  }
  throw new ReferenceMissing({
    model: modelOf(place.owner).modelName,
    id: String(place.owner._id),
    path: plan.path,
    missing: String(key),
  })
}

function loadedIn(places: readonly Place[]): readonly DocumentBase[] {
  const found = places.map(place => place.holder[place.key]).filter(value => value instanceof DocumentBase)
  return [...new Set(found)]
}

function targetOf(field: Field): RuntimeModel {
  return field.marks.many ? reverseTarget(field) : (field.ref!.target() as unknown as RuntimeModel)
}

function innermost(field: Field): Field {
  return field.element ? innermost(field.element) : field
}

function isTarget(field: Field): boolean {
  return field.ref !== undefined || field.kind === 'many'
}

function hasRefs(field: Field): boolean {
  const leaf = innermost(field)
  return isTarget(leaf) || (leaf.fields ?? []).some(hasRefs)
}

function textOf(key: unknown): string {
  return typeof key === 'object' ? String(key) : `${typeof key} ${String(key)}`
}
