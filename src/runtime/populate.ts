// Populate: replaces references by documents, with one query for each path and batch.
import { AmbiguousReference, ReferenceMissing } from '../errors.ts'
import type { Field } from '../models/field.ts'
import { checkFilter } from '../models/filter.ts'
import { emptyPlan, type PopulatePlan, populatePlan } from '../models/plan.ts'
import { selecting } from '../models/selection.ts'
import { DocumentBase, modelOf, type RuntimeModel } from './document.ts'
import { readDocuments } from './fit.ts'
import { loseReference } from './missing.ts'
import { checkPopulate, targetOf } from './populate-check.ts'
import { keyText, type Place, placesOf, type Referrers, referrersIn } from './reference-places.ts'
import { populateReverse } from './reverse.ts'

/** Loads the references of the paths into the documents. */
export async function populateAll(
  model: RuntimeModel,
  documents: readonly DocumentBase[],
  paths: readonly PopulatePlan[],
): Promise<void> {
  for (const plan of paths) await populatePath(model, documents, plan)
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
  const select = selecting(plan.select, [mark.by])
  const matches = plan.match ? [checkFilter(target.definition, plan.match)] : []
  const filters = [{ [mark.by]: { $in: open.map(({ key }) => key) } }, ...matches]
  const deleted = plan.includeDeleted ? 'include' : 'exclude'
  const documents = await readDocuments(target, { ...emptyPlan, filters, select, deleted })
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
    why: plan.match ? 'is gone or does not match' : 'is gone',
    missing: String(key),
  })
}

function loadedIn(places: readonly Place[]): readonly DocumentBase[] {
  const found = places.map(place => place.holder[place.name]).filter(value => value instanceof DocumentBase)
  return [...new Set(found)]
}
