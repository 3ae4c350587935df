// References found by their keys: sampled values that are ids, or unique keys, of other collections.
import { type Db, type Document, ObjectId } from 'mongodb'
import { singularOf } from '../models/singular.ts'
import type { FoundReference } from './inference-field.ts'
import { isRecord, mergedFields } from './inference-objects.ts'
import { mixture, said } from './inference-remarks.ts'
import type { Sample } from './inference-sample.ts'
import { askable, type StoredType, type Summary } from './inference-summary.ts'

/** What was found, by the place in the sample. */
export interface References {
  readonly references: ReadonlyMap<Summary, FoundReference>
  readonly remarks: ReadonlyMap<Summary, readonly string[]>
}

/** Looks up the sampled values of all collections in the others; asks for no more than a hundred of each field. */
export async function findReferences(
  db: Db,
  samples: readonly Sample[],
  targets: readonly Sample[],
): Promise<References> {
  const references = new Map<Summary, FoundReference>()
  const remarks = new Map<Summary, readonly string[]>()
  for (const { summary } of samples) {
    for (const leaf of leavesOf(summary)) {
      const { reference, remark } = await referenceOf(db, leaf, targets)
      if (reference) references.set(leaf.values, reference)
      if (remark.length > 0) remarks.set(leaf.values, remark)
    }
  }
  return { references, remarks }
}

interface Leaf {
  readonly name: string
  readonly values: Summary
}

/** Gives every place with plain values, in objects and lists as well; a document's own id refers to nothing. */
function leavesOf(values: Summary): readonly Leaf[] {
  return [...values.fields].filter(([name]) => name !== '_id').flatMap(([name, inner]) => placesIn(name, inner))
}

function placesIn(name: string, values: Summary): readonly Leaf[] {
  const own = values.keys.size > 0 ? [{ name, values }] : []
  const inList = values.element ? placesIn(singularOf(name), values.element) : []
  if (!values.has('object') || values.fields.size === 0) return [...own, ...inList]
  const inside = isRecord(values) ? placesIn(name, mergedFields(values)) : leavesOf(values)
  return [...own, ...inList, ...inside]
}

interface Outcome {
  readonly reference?: FoundReference
  readonly remark: readonly string[]
}

const none: Outcome = { remark: [] }

async function referenceOf(db: Db, leaf: Leaf, targets: readonly Sample[]): Promise<Outcome> {
  const type = keyType(leaf.values)
  if (!type) return none
  const named = targets.filter(target => isNamedAfter(leaf.name, target.collection))
  return type === 'objectId' ? byObjectId(db, leaf, { named, targets }) : byKey(db, leaf, { type, named, targets })
}

/** Gives the one type that nearly all values have and that keys can have. */
function keyType(values: Summary): StoredType | undefined {
  const filled = values.count - values.countOf('null', 'undefined')
  const usual = [...values.types].find(([type, count]) => count / filled >= 0.9 && type !== 'null')?.[0]
  return usual && ['objectId', 'string', 'int', 'long', 'uuid'].includes(usual) ? usual : undefined
}

/** Tells whether a field is called like a collection: `author_id`, `author` and `firstAuthor` like `authors`. */
function isNamedAfter(field: string, collection: string): boolean {
  const bare = (name: string) => name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
  const target = bare(singularOf(collection))
  const own = bare(field.replace(/(_?ids?|I[dD]s?|_?refs?|Refs?)$/, ''))
  return target.length > 1 && (own === target || bare(singularOf(own)) === target || own.endsWith(target))
}

interface Found {
  readonly collection: string
  readonly count: number
}

async function byObjectId(
  db: Db,
  { values, name }: Leaf,
  { named, targets }: { readonly named: readonly Sample[]; readonly targets: readonly Sample[] },
): Promise<Outcome> {
  const keys = [...values.keys.values()].filter(key => key instanceof ObjectId)
  const found: Found[] = []
  for (const target of [...named, ...targets.filter(other => !named.includes(other))]) {
    if (target.kind !== 'collection' || !target.summary.fields.get('_id')?.has('objectId')) continue
    const count = await db.collection(target.collection).countDocuments({ _id: { $in: keys } })
    if (count > 0) found.push({ collection: target.collection, count })
    if (count === keys.length && named.includes(target)) break
  }
  const isNamed = ({ collection }: Found) => named.some(target => target.collection === collection)
  const [best, ...others] = found.sort(
    (one, other) => Number(isNamed(other)) - Number(isNamed(one)) || other.count - one.count,
  )
  if (!best || best.count / keys.length < (isNamed(best) ? 0.2 : 0.5))
    return { remark: scattered(name, keys.length, found) }
  const rivals = others.filter(({ count }) => count >= best.count)
  const missing = keys.length - best.count
  const remark = [
    ...(rivals.length > 0
      ? [`the same ids are in ${rivals.map(({ collection }) => collection).join(', ')} as well`]
      : []),
    ...(missing > 0
      ? [
          `${said(missing)} of ${said(keys.length)} sampled ids ${missing === 1 ? 'is' : 'are'} not in ${best.collection}`,
        ]
      : []),
    ...strays(values),
  ]
  return { reference: { collection: best.collection, by: '_id' }, remark }
}

function scattered(name: string, keys: number, found: readonly Found[]): readonly string[] {
  if (found.length === 0)
    return /id$/i.test(name) || keys > 1 ? [`none of ${said(keys)} sampled ids was found in a collection`] : []
  return [
    `of ${said(keys)} sampled ids ${found.map(({ collection, count }) => `${said(count)} are in ${collection}`).join(', ')}`,
  ]
}

function strays(values: Summary): readonly string[] {
  const types = [...values.types.keys()].filter(type => type !== 'null' && type !== 'undefined')
  return types.length > 1 ? [mixture(values, 'values')] : []
}

interface Candidates {
  readonly type: StoredType
  readonly named: readonly Sample[]
  readonly targets: readonly Sample[]
}

// Numbers and words are the same by chance: a name must say what they refer to, or they must be beyond chance.
async function byKey(db: Db, { values }: Leaf, { type, named, targets }: Candidates): Promise<Outcome> {
  const texts = [...values.keys.keys()]
  const hexes = type === 'string' && texts.length > 0 && texts.every(text => /^[0-9a-f]{24}$/i.test(text))
  if (hexes) return { remark: await idsAsText(db, texts, targets) }
  const isBeyondChance = type === 'uuid' || (type === 'string' && texts.every(text => text.length >= 20))
  for (const target of isBeyondChance ? targets : named) {
    if (target.kind !== 'collection') continue
    for (const by of keysOf(target, type)) {
      if (target.summary.fields.get(by) === values) continue
      const outcome = await lookup(db, values, { collection: target.collection, by })
      if (outcome) return outcome
    }
  }
  return none
}

async function idsAsText(db: Db, texts: readonly string[], targets: readonly Sample[]): Promise<readonly string[]> {
  const keys = texts.map(text => ObjectId.createFromHexString(text))
  for (const { collection, kind, summary } of targets) {
    if (kind !== 'collection' || !summary.fields.get('_id')?.has('objectId')) continue
    const count = await db.collection(collection).countDocuments({ _id: { $in: keys } })
    if (count / keys.length >= 0.5) return [`ids of ${collection} as text; a reference needs them as ObjectIds`]
  }
  return []
}

/** Gives the fields of a collection that may be its key: the id, what an index keeps unique, what is called so. */
function keysOf({ collection, summary, indexes }: Sample, type: StoredType): readonly string[] {
  const unique = indexes
    .filter(index => index.unique === true && !index.partialFilterExpression && Object.keys(index.key).length === 1)
    .map(index => Object.keys(index.key)[0]!)
  const own = singularOf(collection).replaceAll(/[^A-Za-z0-9]/g, '')
  const called = [...summary.fields.keys()].filter(name =>
    new RegExp(`^(${own}_?)?(id|key|no|number|code)$`, 'i').test(name),
  )
  return [...new Set(['_id', ...unique, ...called])].filter(name => {
    const values = summary.fields.get(name)
    return !name.includes('.') && values !== undefined && values.countOf(...alike(type)) === summary.count
  })
}

function alike(type: StoredType): readonly StoredType[] {
  return type === 'int' || type === 'long' ? ['int', 'long', 'double'] : [type]
}

const patience = 10_000

async function lookup(db: Db, values: Summary, { collection, by }: FoundReference): Promise<Outcome | undefined> {
  const keys = [...values.keys.values()].map(askable)
  if (keys.length < 3) return undefined
  const found = await db
    .collection(collection)
    .aggregate([{ $match: { [by]: { $in: keys } } }, { $group: { _id: `$${by}`, count: { $sum: 1 } } }], {
      maxTimeMS: patience,
    })
    .toArray()
  if (found.length / keys.length < 0.9) return undefined
  const twice = by === '_id' ? [] : await twiceIn(db, { collection, by })
  if (found.filter(({ count }) => count > 1).length > found.length / 20) return undefined
  const missing = keys.length - found.length
  const remark = [
    ...(missing > 0
      ? [`${said(missing)} of ${said(keys.length)} sampled keys ${missing === 1 ? 'is' : 'are'} not in ${collection}`]
      : []),
    ...(twice.length > 0
      ? [
          `${by} ${twice.map(({ _id }) => String(_id)).join(', ')} is in ${collection} more than once, so populate refuses it`,
        ]
      : []),
    ...strays(values),
  ]
  return { reference: { collection, by }, remark }
}

/** Gives some keys that more than one document has, among so many documents as can be grouped at once. */
async function twiceIn(db: Db, { collection, by }: FoundReference): Promise<readonly Document[]> {
  const groups = [{ $group: { _id: `$${by}`, count: { $sum: 1 } } }, { $match: { count: { $gt: 1 } } }]
  const some = [{ $limit: 100_000 }, ...groups, { $sort: { _id: 1 } }, { $limit: 3 }]
  return db.collection(collection).aggregate(some, { maxTimeMS: patience }).toArray()
}
