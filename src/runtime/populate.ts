// Populate: replaces references by documents, with one query for each path and batch.
import { AmbiguousReference, GooseError, ReferenceMissing, UnknownPath } from '../errors.ts'
import { type Field, innermost } from '../models/field.ts'
import { checkFilter } from '../models/filter.ts'
import { suggestion } from '../models/nearest.ts'
import { findPath, unknownPath } from '../models/path.ts'
import { emptyPlan, type PopulatePlan, populatePlan, selectWith } from '../models/plan.ts'
import { DocumentBase, modelOf, type RuntimeModel } from './document.ts'
import { readAll } from './execute.ts'
import { readInto } from './fit.ts'
import { loseReference } from './missing.ts'
import { keyText, type Place, placesOf, type Referrers, referrersIn } from './reference-places.ts'
import { populateReverse, reverseTarget } from './reverse.ts'

const DEEPEST = 5

/** Loads the references of the paths into the documents. */
export async function populateAll(
  model: RuntimeModel,
  documents: readonly DocumentBase[],
  paths: readonly PopulatePlan[],
): Promise<void> {
  for (const plan of paths) await populatePath(model, documents, plan)
}

/** Refuses a path that cannot be populated, and paths to select that its target does not have. */
export function checkPopulate(model: RuntimeModel, { path, select }: Pick<PopulatePlan, 'path' | 'select'>): void {
  const { definition } = targetAt(model, path)
  for (const selected of select.map(name => name.replace(/^-/, '')))
    if (!findPath(definition, selected).known) throw unknownPath(definition, selected)
}

function targetAt(model: RuntimeModel, path: string): RuntimeModel {
  const segments = path.split('.')
  let fields: readonly Field[] = model.definition.fields
  let target: RuntimeModel | undefined
  let refs = 0
  let back: string | undefined
  for (const [i, segment] of segments.entries()) {
    const field = fields.find(candidate => candidate.name === segment)
    if (field && segment === back) throw circular(model, path, segments.slice(0, i + 1))
    if (!field) throw noReference(model, path, { fields, at: i })
    const leaf = innermost(field)
    target = isTarget(leaf) ? targetOf(leaf) : undefined
    if (target) refs++
    back = leaf.marks.many?.foreign
    fields = target ? target.definition.fields : (leaf.fields ?? [])
  }
  if (!target) throw noReference(model, path, { fields, at: segments.length })
  if (refs > DEEPEST)
    throw new GooseError('INVALID_QUERY', {
      model: model.modelName,
      reason: `populate of "${path}" is deeper than ${DEEPEST} references`,
      hint: 'load the rest with a query of its own',
    })
  return target
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
  checkPopulate(model, plan)
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
    if (!found) return
    const isLast = found.rest.length === 0
    await fillPlaces(
      found.places,
      found.leaf,
      isLast ? plan : { ...populatePlan(plan.path), onMissing: plan.onMissing },
    )
    if (isLast) return
    owners = loadedIn(found.places)
    fields = targetOf(found.leaf).definition.fields
    segments = found.rest
  }
}

async function fillPlaces(places: readonly Place[], field: Field, plan: PopulatePlan): Promise<void> {
  const open = referrersIn(places, field.ref!)
  if (open.size === 0) return
  const loaded = await loadTargets([...open.values()], field, plan)
  for (const [text, referrers] of open) {
    const document = loaded.get(text)
    for (const place of referrers.places) {
      if (document) place.holder[place.name] = document
      else missing(place, { key: referrers.key, field }, plan)
    }
  }
}

async function loadTargets(
  open: readonly Referrers[],
  field: Field,
  plan: PopulatePlan,
): Promise<Map<string, DocumentBase>> {
  const mark = field.ref!
  const target = targetOf(field)
  const select = selectWith(plan.select, mark.by)
  const matches = plan.match ? [checkFilter(target.definition, plan.match)] : []
  const filters = [{ [mark.by]: { $in: open.map(({ key }) => key) } }, ...matches]
  const deleted = plan.includeDeleted ? 'include' : 'exclude'
  const found = await readAll(target.definition, { ...emptyPlan, filters, select, deleted })
  const documents = await readInto(target, found, select)
  const loaded = new Map<string, DocumentBase>()
  for (const document of documents) {
    const key = keyText(document[mark.by])
    if (loaded.has(key) && mark.by !== '_id')
      throw new AmbiguousReference({
        model: modelOf(open[0]!.places[0]!.owner).modelName,
        path: field.path,
        target: target.modelName,
        by: mark.by,
        key: String(document[mark.by]),
      })
    loaded.set(key, document)
  }
  return loaded
}

interface Lost {
  readonly key: unknown
  readonly field: Field
}

function missing(place: Place, { key, field }: Lost, plan: PopulatePlan): void {
  const isNull = plan.onMissing === 'null' || (plan.onMissing === undefined && (field.nullable || field.optional))
  if (isNull) {
    loseReference(place.holder, place.name, key)
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
  const found = places.map(place => place.holder[place.name]).filter(value => value instanceof DocumentBase)
  return [...new Set(found)]
}

function targetOf(field: Field): RuntimeModel {
  return field.marks.many ? reverseTarget(field) : (field.ref!.target() as unknown as RuntimeModel)
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
