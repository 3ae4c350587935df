// Random sequences on documents that refer to each other and lie in memory twice: no difference from a simple model.
import { isDeepStrictEqual } from 'node:util'
import { model, ref, softDelete, transaction, version, z } from 'goose-odm'
import { beforeEach, expect, test } from 'vitest'
import { rounds } from '../support/effort.ts'
import { useModelDatabase } from '../support/model-database.ts'
import { randomOf } from '../support/random-numbers.ts'

useModelDatabase('propertytogether')

class Writer extends model('TogetherWriter', { _id: z.int(), name: z.string() }, { plugins: [softDelete()] }) {}
class Work extends model(
  'TogetherWork',
  {
    _id: z.int(),
    title: z.string(),
    writer: ref(() => Writer)
      .nullable()
      .default(null),
    others: z.array(ref(() => Writer)).default([]),
    parts: z.array(z.object({ by: ref(() => Writer).optional(), text: z.string() })).default([]),
  },
  { plugins: [version(), softDelete()] },
) {}

interface Values {
  title: string
  writer: number | null
  others: number[]
  parts: { by?: number; text: string }[]
}
interface Row extends Values {
  version: number
  deleted: boolean
}
/** A document in memory, with what it should hold and what it was last told is stored. */
interface Handle {
  readonly id: number
  readonly document: Work
  memory: Values
  seen: Row
}
interface World {
  readonly works: Map<number, Row>
  readonly writers: Map<number, { name: string; deleted: boolean }>
  readonly pick: (below: number) => number
  handles: Handle[]
  lastId: number
}

beforeEach(async () => {
  // Some servers make no collections inside of transactions.
  for (const made of [Writer, Work]) await (await made.collection()).insertOne({ _id: 0 as never })
  for (const made of [Writer, Work]) await (await made.collection()).deleteMany({})
})

test.each(Array.from({ length: rounds(16, 400) }, (_, seed) => [seed + 1]))(
  'sequence %i',
  { timeout: 60_000 },
  async seed => {
    const world: World = { pick: randomOf(seed), works: new Map(), writers: new Map(), handles: [], lastId: 0 }
    const steps: string[] = []
    for (let step = 0; step < 50; step++) {
      const name = one(world, Object.keys(operations))
      steps.push(name)
      await operations[name]!(world).catch(error => {
        throw new Error(`seed ${seed}: ${steps.join(', ')}`, { cause: error })
      })
      await expectSame(world, `seed ${seed}: ${steps.join(', ')}`)
    }
  },
)

type Operation = (world: World) => Promise<void>

const writes: Record<string, Operation> = {
  async createWriter(world) {
    const _id = ++world.lastId
    await Writer.create({ _id, name: `writer ${_id}` })
    world.writers.set(_id, { name: `writer ${_id}`, deleted: false })
  },
  async create(world) {
    const values = randomValues(world)
    const _id = ++world.lastId
    const document = await Work.create({ _id, ...structuredClone(values) } as never)
    const row = { ...values, version: 0, deleted: false }
    world.works.set(_id, copy(row))
    world.handles.push({ id: _id, document, memory: copy(values), seen: row })
  },
  load: async world => withRow(world, async id => void (await loaded(world, id))),
  edit: async world => withHandle(world, async handle => edit(world, handle)),
  async editAndSave(world) {
    await withHandle(world, async handle => {
      edit(world, handle)
      await saved(world, handle)
    })
  },
  // Both hold the same row: the first to save wins, the other is told so and may go on after a reload.
  async saveBoth(world) {
    await withRow(world, async id => {
      const [one, two] = [await loaded(world, id), await loaded(world, id)]
      edit(world, one)
      await saved(world, one)
      edit(world, two)
      await saved(world, two)
      await reloaded(world, two)
      edit(world, two)
      await saved(world, two)
    })
  },
  async update(world) {
    await withHandle(world, async handle => {
      const row = world.works.get(handle.id)
      const by = someWriter(world)
      const change = handle.document.update({ $set: { title: 'updated' }, $push: { others: by } })
      if (!row || (row.deleted && !handle.seen.deleted)) return refused(change, 'DOCUMENT_NOT_FOUND')
      await change
      const pending = dirtyNames(handle)
      const before = handle.seen
      Object.assign(row, { title: 'updated', others: [...row.others, by], version: row.version + 1 })
      handle.seen = copy(row)
      for (const name of valueNames)
        if (!pending.includes(name) || !same(before[name], row[name])) Object.assign(handle.memory, pickOf(row, name))
    })
  },
  reload: async world => withHandle(world, handle => reloaded(world, handle)),
  // What a populate has loaded, or found gone, is stored as the ids that were there.
  async populateAndSave(world) {
    await withRow(world, async id => {
      const row = world.works.get(id)!
      const { document } = await loaded(world, id)
      world.handles.pop()
      await document.populate('writer', { onMissing: 'null' })
      const whole = await document.populate('others', { onMissing: 'null' })
      await document.populate('parts.by')
      expect(namesOf(whole)).toEqual(namesIn(world, row))
      expect(document.isDirty()).toBe(false)
      document.title = one(world, ['red', 'green', 'blue'])
      document.parts.push({ text: 'new' })
      const writer = await Writer.find().first()
      if (writer) document.writer = writer
      await document.save()
      const parts = [...row.parts, { text: 'new' }]
      Object.assign(row, { title: document.title, writer: writer?._id ?? row.writer, parts, version: row.version + 1 })
    })
  },
  async delete(world) {
    await withHandle(world, async handle => {
      const row = world.works.get(handle.id)
      if (!row || row.deleted) return refused(handle.document.delete(), 'DOCUMENT_NOT_FOUND')
      await handle.document.delete()
      row.deleted = true
      handle.seen.deleted = true
    })
  },
  async restore(world) {
    await withHandle(world, async handle => {
      const row = world.works.get(handle.id)
      if (!row?.deleted) return refused(handle.document.restore(), 'DOCUMENT_NOT_FOUND')
      await handle.document.restore()
      row.deleted = false
      handle.seen.deleted = false
    })
  },
  async hardDelete(world) {
    await withHandle(world, async handle => {
      if (!world.works.has(handle.id)) return refused(handle.document.hardDelete(), 'DOCUMENT_NOT_FOUND')
      await handle.document.hardDelete()
      world.works.delete(handle.id)
    })
  },
  async deleteWriters(world) {
    const id = someWriter(world)
    const writer = world.writers.get(id)
    const deletedCount = writer && !writer.deleted ? 1 : 0
    expect(await Writer.deleteMany({ _id: id })).toEqual({ deletedCount })
    if (writer) writer.deleted = true
  },
  async restoreWriter(world) {
    const [id, writer] = [...world.writers].find(([, { deleted }]) => deleted) ?? []
    if (!writer) return
    await (await Writer.findDeleted({ _id: id! }).one())!.restore()
    writer.deleted = false
  },
  async bulkWrite(world) {
    const [by, other] = [someWriter(world), someWriter(world)]
    const values = randomValues(world)
    const _id = ++world.lastId
    const upserted = ++world.lastId
    const found = living(world).filter(row => row.writer === by)
    const outcome = await Work.bulkWrite([
      { updateMany: { filter: { writer: by }, update: { $set: { writer: other, title: 'bulk' } } } },
      { insertOne: { document: { _id, ...structuredClone(values) } as never } },
      { updateOne: { filter: { _id: upserted }, update: { $set: { title: 'upserted' } }, upsert: true } },
      { updateOne: { filter: { _id }, update: { $push: { others: by } } } },
    ])
    expect(outcome).toMatchObject({ matchedCount: found.length + 1, insertedCount: 1, upsertedCount: 1 })
    for (const row of found) Object.assign(row, { writer: other, title: 'bulk', version: row.version + 1 })
    world.works.set(_id, { ...values, others: [...values.others, by], version: 1, deleted: false })
    const empty = { title: 'upserted', writer: null, others: [], parts: [] }
    world.works.set(upserted, { ...empty, version: 1, deleted: false })
  },
  async bulkDelete(world) {
    const by = someWriter(world)
    const found = living(world).filter(row => row.writer === by && row.title !== 'bulk')
    const filter = { writer: by, title: { $ne: 'bulk' } }
    const { deletedCount } = await Work.bulkWrite([{ deleteMany: { filter } }])
    expect(deletedCount).toBe(found.length)
    for (const row of found) row.deleted = true
  },
}

const operations: Record<string, Operation> = {
  ...writes,
  // What an aborted transaction did is nowhere: not in the database, not in documents that were there before it.
  async abort(world) {
    const before = { works: copy(world.works), writers: copy(world.writers) }
    const handles = world.handles.map(handle => ({ handle, seen: copy(handle.seen) }))
    const inside = Object.keys(writes).filter(name => name !== 'edit')
    const aborted = transaction(async () => {
      for (let step = 0; step < 4; step++) {
        await writes[one(world, inside)]!(world)
      }
      throw new RangeError('stop')
    })
    await expect(aborted).rejects.toThrow(RangeError)
    replace(world.works, before.works)
    replace(world.writers, before.writers)
    // Edits are the program's own, and stay.
    world.handles = handles.map(({ handle, seen }) =>
      Object.assign(handle, { seen, memory: valuesOf(handle.document) }),
    )
  },
  async commit(world) {
    await transaction(async () => {
      await writes.editAndSave!(world)
      await writes.bulkWrite!(world)
      await writes.update!(world)
    })
  },
  async find(world) {
    const by = someWriter(world)
    const rows = [...world.works]
      .filter(([, row]) => !row.deleted && (row.writer === by || row.others.includes(by)))
      .map(([id, row]) => ({ id, title: row.title, names: namesIn(world, row) }))
      .sort((a, b) => a.id - b.id)
    const found = await Work.find({ $or: [{ writer: by }, { others: by }] })
      .populate('writer', { onMissing: 'null' })
      .populate('others', { onMissing: 'null' })
      .populate('parts.by')
      .sort('_id')
      .all()
    const seen = found.map(work => ({ id: work._id, title: work.title, names: namesOf(work) }))
    expect(seen).toEqual(rows)
  },
}

const valueNames = ['title', 'writer', 'others', 'parts'] as const

async function loaded(world: World, id: number): Promise<Handle> {
  const document = (await Work.find({ _id: id }).includeDeleted().one())!
  const row = copy(world.works.get(id)!)
  const handle = { id, document, memory: valuesIn(copy(row)), seen: row }
  world.handles.push(handle)
  return handle
}

async function reloaded(world: World, handle: Handle): Promise<void> {
  const row = world.works.get(handle.id)
  if (!row) return refused(handle.document.reload(), 'DOCUMENT_NOT_FOUND')
  await handle.document.reload()
  handle.seen = copy(row)
  handle.memory = valuesIn(copy(row))
}

async function saved(world: World, handle: Handle): Promise<void> {
  const row = world.works.get(handle.id)
  const changed = dirtyNames(handle)
  if (changed.length === 0) return void (await handle.document.save())
  const isStale = !row || row.version !== handle.seen.version || (row.deleted && !handle.seen.deleted)
  if (isStale) return refused(handle.document.save(), 'VERSION_CONFLICT')
  await handle.document.save()
  for (const name of changed) Object.assign(row, copy(pickOf(handle.memory, name)))
  row.version += 1
  Object.assign(handle.seen, copy(handle.memory), { version: row.version })
}

async function refused(act: Promise<unknown>, code: string): Promise<void> {
  await expect(act).rejects.toMatchObject({ code })
}

function dirtyNames(handle: Handle): (typeof valueNames)[number][] {
  return valueNames.filter(name => !same(handle.memory[name], handle.seen[name]))
}

async function expectSame(world: World, said: string): Promise<void> {
  const stored = await (await Work.collection()).find().sort({ _id: 1 }).toArray()
  const rows = [...world.works].sort(([a], [b]) => a - b)
  expect(
    stored.map(({ _id, _v, title, writer, others, parts, deletedAt }) => [
      _id,
      { title, writer, others, parts, version: _v, deleted: deletedAt !== null },
    ]),
    said,
  ).toEqual(rows)
  for (const handle of world.handles) {
    expect(valuesOf(handle.document), said).toEqual(handle.memory)
    expect(handle.document.isDirty(), said).toBe(dirtyNames(handle).length > 0)
    expect(handle.document._v, said).toBe(handle.seen.version)
    expect(handle.document.deletedAt !== null, said).toBe(handle.seen.deleted)
  }
}

function edit(world: World, { document, memory }: Handle): void {
  const by = someWriter(world)
  const text = one(world, ['red', 'green', 'blue'])
  const edits: readonly [(work: Work) => void, (values: Values) => void][] = [
    [work => (work.title = text), values => (values.title = text)],
    [work => (work.writer = null), values => (values.writer = null)],
    [work => (work.writer = Writer.ref(by)), values => (values.writer = by)],
    [work => work.others.push(Writer.ref(by)), values => values.others.push(by)],
    [work => work.others.pop(), values => values.others.pop()],
    [work => work.parts.push({ by: Writer.ref(by), text }), values => values.parts.push({ by, text })],
    [
      work => void Object.assign(work.parts[0] ?? {}, { text }),
      values => void Object.assign(values.parts[0] ?? {}, { text }),
    ],
    [work => work.parts.shift(), values => values.parts.shift()],
  ]
  const [ofDocument, ofValues] = one(world, edits)
  ofDocument(document)
  ofValues(memory)
}

function valuesOf({ title, writer, others, parts }: Work): Values {
  return {
    title,
    writer: (writer?._id as number | undefined) ?? null,
    others: others.map(other => other._id),
    parts: parts.map(({ by, text }) => (by ? { by: by._id, text } : { text })),
  }
}

function valuesIn({ title, writer, others, parts }: Row): Values {
  return { title, writer, others, parts }
}

interface Named {
  readonly name: string
}
interface Populated {
  readonly writer: object | null
  readonly others: readonly (object | null)[]
  readonly parts: readonly { readonly by?: object | null | undefined }[]
}

function namesOf({ writer, others, parts }: Populated): (string | null)[] {
  return [writer, ...others, ...parts.map(part => part.by)].map(each => (each as Named | null)?.name ?? null)
}

function namesIn({ writers }: World, { writer, others, parts }: Row): (string | null)[] {
  const ids = [writer, ...others, ...parts.map(part => part.by)]
  const found = ids.map(id => writers.get(id ?? 0))
  return found.map(each => (each && !each.deleted ? each.name : null))
}

function randomValues(world: World): Values {
  const listed = (most: number) => Array.from({ length: world.pick(most) }, () => someWriter(world))
  return {
    title: one(world, ['red', 'green', 'blue']),
    writer: world.pick(3) === 0 ? null : someWriter(world),
    others: listed(3),
    parts: listed(3).map((by, i) => (i === 1 ? { text: 'part' } : { by, text: 'part' })),
  }
}

/** A writer there is, there was, or there never has been. */
function someWriter({ writers, pick }: World): number {
  const ids = [...writers.keys(), 999]
  return ids[pick(ids.length)]!
}

async function withHandle(world: World, act: (handle: Handle) => Promise<void>): Promise<void> {
  if (world.handles.length > 0) await act(one(world, world.handles))
}

async function withRow(world: World, act: (id: number) => Promise<void>): Promise<void> {
  if (world.works.size > 0) await act(one(world, [...world.works.keys()]))
}

function living({ works }: World): Row[] {
  return [...works.values()].filter(row => !row.deleted)
}

function replace<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear()
  for (const [key, value] of by) map.set(key, value)
}

const copy = structuredClone
const same = isDeepStrictEqual

function pickOf<K extends keyof Values>(values: Values, name: K): Pick<Values, K> {
  return copy({ [name]: values[name] }) as Pick<Values, K>
}

function one<T>({ pick }: World, from: readonly T[]): T {
  return from[pick(from.length)]!
}
