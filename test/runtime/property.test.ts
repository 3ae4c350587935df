// Random sequences of model operations against a model of plain objects in memory: no difference is found.
import { isDeepStrictEqual } from 'node:util'
import { model, softDelete, transaction, z } from 'goose-odm'
import { beforeEach, expect, test } from 'vitest'
import { rounds } from '../support/effort.ts'
import { useModelDatabase } from '../support/model-database.ts'
import { randomOf } from '../support/random-numbers.ts'

useModelDatabase('property')

const names = ['name', 'rank', 'group', 'note', 'tags', 'nested', 'lines'] as const
class Thing extends model(
  'PropertyThing',
  {
    _id: z.int(),
    name: z.string(),
    rank: z.int(),
    group: z.enum(['a', 'b', 'c']),
    note: z.string().nullable().optional(),
    tags: z.array(z.string()).default([]),
    nested: z
      .object({ n: z.int(), deep: z.object({ s: z.string(), 'a.b': z.int().optional() }).optional() })
      .optional(),
    lines: z.array(z.object({ text: z.string(), amount: z.number() })).default([]),
  },
  { plugins: [softDelete()] },
) {}

type Values = { -readonly [K in (typeof names)[number]]?: Thing[K] }
interface Row {
  values: Values
  deleted: boolean
}
/** A document in memory, beside what it should hold and what it should take for stored. */
interface Handle {
  readonly id: number
  readonly document: Thing
  memory: Values
  snapshot: Values
  /** Whether it takes its row for deleted. */
  deleted: boolean
}
interface World {
  readonly pick: (below: number) => number
  readonly rows: Map<number, Row>
  handles: Handle[]
  lastId: number
}

beforeEach(async () => {
  await (await Thing.collection()).deleteMany({})
})

test.each(Array.from({ length: rounds(24, 400) }, (_, seed) => [seed + 1]))(
  'sequence %i',
  { timeout: 60_000 },
  async seed => {
    const world: World = { pick: randomOf(seed), rows: new Map(), handles: [], lastId: 0 }
    const steps: string[] = []
    for (let step = 0; step < 60; step++) {
      const name = one(world, Object.keys(operations))
      steps.push(name)
      await operations[name]!(world)
      await expectSame(world, `seed ${seed}: ${steps.join(', ')}`)
    }
  },
)

const operations: Record<string, (world: World) => Promise<void>> = {
  async create(world) {
    const values = randomValues(world)
    const _id = ++world.lastId
    const document = await Thing.create({ _id, ...structuredClone(values) } as never)
    world.rows.set(_id, { values: structuredClone(values), deleted: false })
    world.handles.push({ id: _id, document, memory: values, snapshot: structuredClone(values), deleted: false })
  },
  async insertMany(world) {
    const inputs = Array.from({ length: world.pick(4) }, () => ({ _id: ++world.lastId, ...randomValues(world) }))
    await Thing.insertMany(structuredClone(inputs) as never)
    for (const { _id, ...values } of inputs) world.rows.set(_id, { values, deleted: false })
  },
  edit: async world => withHandle(world, async handle => edit(world, handle)),
  async editAndSave(world) {
    await withHandle(world, async handle => {
      edit(world, handle)
      edit(world, handle)
      await saved(world, handle)
    })
  },
  save: async world => withHandle(world, handle => saved(world, handle)),
  async updateOne(world) {
    await withHandle(world, async handle => {
      const row = world.rows.get(handle.id)
      const word = one(world, words)
      const change = handle.document.update({ $inc: { rank: 2 }, $push: { tags: word }, $set: { 'nested.n': 5 } })
      if (!row || isDeletedMeanwhile(handle, row))
        return expect(change).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
      row.values.rank! += 2
      row.values.tags!.push(word)
      row.values.nested = { ...row.values.nested, n: 5 }
      await change
      refreshed(handle, row)
    })
  },
  async updateMany(world) {
    const [filter, holds] = one(world, filters(world))
    const rank = world.pick(5)
    const found = living(world).filter(([, row]) => holds(row.values))
    const modified = found.filter(([, row]) => row.values.rank !== rank || row.values.group !== 'c')
    const outcome = await Thing.updateMany(filter as never, { $set: { rank, group: 'c' } }, { all: true })
    expect(outcome).toEqual({ matchedCount: found.length, modifiedCount: modified.length })
    for (const [, row] of found) Object.assign(row.values, { rank, group: 'c' })
  },
  async bulkWrite(world) {
    const [filter, holds] = one(world, filters(world))
    const found = living(world).filter(([, row]) => holds(row.values) && row.values.rank! > 2)
    const values = randomValues(world)
    const _id = ++world.lastId
    await Thing.bulkWrite([
      { insertOne: { document: { _id, ...structuredClone(values), rank: -1 } as never } },
      { updateMany: { filter: { $and: [filter, { rank: { $gt: 2 } }] } as never, update: { $inc: { rank: 1 } } } },
    ])
    for (const [, row] of found) row.values.rank! += 1
    world.rows.set(_id, { values: { ...values, rank: -1 }, deleted: false })
  },
  async delete(world) {
    await withHandle(world, async handle => {
      const row = world.rows.get(handle.id)
      if (!row || row.deleted)
        return expect(handle.document.delete()).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
      await handle.document.delete()
      row.deleted = true
      handle.deleted = true
    })
  },
  async restore(world) {
    await withHandle(world, async handle => {
      const row = world.rows.get(handle.id)
      if (!row?.deleted) return expect(handle.document.restore()).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
      await handle.document.restore()
      row.deleted = false
      handle.deleted = false
    })
  },
  async hardDelete(world) {
    await withHandle(world, async handle => {
      const gone = handle.document.hardDelete()
      if (!world.rows.delete(handle.id)) await expect(gone).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
      await gone.catch(() => undefined)
    })
  },
  async deleteMany(world) {
    const [filter, holds] = one(world, filters(world))
    const found = living(world).filter(([, row]) => holds(row.values) && row.values.rank! > 6)
    const query = Thing.find(filter as never).find({ rank: { $gt: 6 } })
    expect(await query.deleteMany()).toEqual({ deletedCount: found.length })
    for (const [, row] of found) row.deleted = true
  },
  async committedTransaction(world) {
    await withHandle(world, async handle => {
      edit(world, handle)
      await transaction(() => saved(world, handle))
    })
  },
  async replaceOne(world) {
    const [found] = living(world).filter(([id]) => world.handles.every(handle => handle.id !== id))
    const values = randomValues(world)
    const _id = found?.[0] ?? ++world.lastId
    const replacement = { _id, ...structuredClone(values) } as never
    await Thing.bulkWrite([{ replaceOne: { filter: { _id }, replacement, upsert: true } }])
    world.rows.set(_id, { values, deleted: false })
  },
  async reload(world) {
    await withHandle(world, async handle => {
      const row = world.rows.get(handle.id)
      if (!row) return expect(handle.document.reload()).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
      await handle.document.reload()
      handle.memory = structuredClone(row.values)
      handle.snapshot = structuredClone(row.values)
      handle.deleted = row.deleted
    })
  },
  async load(world) {
    const [found] = living(world).filter(([id]) => world.handles.every(handle => handle.id !== id))
    if (!found) return
    const [id, row] = found
    const document = await Thing.get(id)
    const [memory, snapshot] = [structuredClone(row.values), structuredClone(row.values)]
    world.handles.push({ id, document, memory, snapshot, deleted: false })
  },
  async abortedTransaction(world) {
    await withHandle(world, async handle => {
      const aborted = transaction(async () => {
        edit(world, handle)
        const row = world.rows.get(handle.id)
        if (row && !isDeletedMeanwhile(handle, row)) await handle.document.save()
        await Thing.updateMany({}, { $set: { rank: 99 } }, { all: true })
        throw new RangeError('stop')
      })
      await expect(aborted).rejects.toThrow(RangeError)
    })
  },
  async find(world) {
    const [filter, holds] = one(world, filters(world))
    const mode = one(world, ['exclude', 'include', 'only'] as const)
    const [skip, limit] = [world.pick(3), 1 + world.pick(6)]
    const down = world.pick(2) === 0
    const rows = [...world.rows]
      .filter(([, row]) => mode === 'include' || row.deleted === (mode === 'only'))
      .filter(([, row]) => holds(row.values))
      .sort(([a, one], [b, two]) => (down ? -1 : 1) * (one.values.rank! - two.values.rank!) || a - b)
    const base = Thing.find(filter as never)
    const all = mode === 'include' ? base.includeDeleted() : mode === 'only' ? base.onlyDeleted() : base
    const query = all
      .sort(down ? '-rank' : 'rank', '_id')
      .skip(skip)
      .limit(limit)
    const part = rows.slice(skip, skip + limit)
    expect((await query.all()).map(valuesOf)).toEqual(part.map(([, row]) => row.values))
    expect(await query.count()).toBe(part.length)
    expect(await all.count()).toBe(rows.length)
    expect(await all.exists()).toBe(rows.length > 0)
    expect((await query.first())?._id).toBe(part[0]?.[0])
    expect((await all.distinct('tags')).sort()).toEqual(
      [...new Set(rows.flatMap(([, row]) => row.values.tags!))].sort(),
    )
    const walked: number[] = []
    let cursor: string | null | undefined
    do {
      const page = await all.sort(down ? '-rank' : 'rank').after(cursor, { limit: 3 })
      walked.push(...page.items.map(item => item._id))
      cursor = page.hasMore ? page.next : undefined
    } while (cursor)
    const byRank = (id: number) => world.rows.get(id)!.values.rank!
    expect([...walked].sort()).toEqual(rows.map(([id]) => id).sort())
    expect(walked.map(byRank)).toEqual(rows.map(([id]) => byRank(id)))
  },
}

async function expectSame(world: World, said: string): Promise<void> {
  const stored = await (await Thing.collection()).find().sort({ _id: 1 }).toArray()
  const rows = [...world.rows].sort(([a], [b]) => a - b)
  expect(
    stored.map(({ _id, deletedAt, deletion, ...values }) => ({ _id, deleted: deletedAt !== null, values })),
    said,
  ).toEqual(rows.map(([_id, { values, deleted }]) => ({ _id, deleted, values })))
  for (const { document, memory, snapshot } of world.handles) {
    expect(valuesOf(document), said).toEqual(memory)
    expect(document.isDirty(), said).toBe(!isDeepStrictEqual(defined(memory), defined(snapshot)))
  }
}

async function saved(world: World, handle: Handle): Promise<void> {
  const row = world.rows.get(handle.id)
  const changed = names.filter(name => !isDeepStrictEqual(handle.memory[name], handle.snapshot[name]))
  if (changed.length > 0 && (!row || isDeletedMeanwhile(handle, row))) {
    await expect(handle.document.save()).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
    return
  }
  await handle.document.save()
  for (const name of changed) {
    if (handle.memory[name] === undefined) delete row!.values[name]
    else Object.assign(row!.values, { [name]: structuredClone(handle.memory[name]) })
  }
  handle.snapshot = structuredClone(handle.memory)
}

function isDeletedMeanwhile(handle: Handle, row: Row): boolean {
  return row.deleted && !handle.deleted
}

// What the server has changed is taken over; edits of other fields stay.
function refreshed(handle: Handle, row: Row): void {
  const stored = structuredClone(row.values)
  for (const name of names) {
    const isPending = !isDeepStrictEqual(handle.memory[name], handle.snapshot[name])
    if (isPending && isDeepStrictEqual(handle.snapshot[name], stored[name])) continue
    if (stored[name] === undefined) delete handle.memory[name]
    else Object.assign(handle.memory, { [name]: structuredClone(stored[name]) })
  }
  handle.snapshot = stored
  handle.deleted = row.deleted
}

const words = ['red', 'green', 'blue', 'a.b', '$x', '']

function edit(world: World, { document, memory }: Handle): void {
  const both = (change: (values: Values) => void) => {
    for (const values of [document as Values, memory]) change(values)
  }
  const word = one(world, words)
  const n = world.pick(9)
  const edits: ((values: Values) => void)[] = [
    values => (values.name = word),
    values => (values.rank = n),
    values => (values.note = null),
    values => (values.note = word),
    values => delete values.note,
    values => values.tags!.push(word),
    values => values.tags!.pop(),
    values => values.tags!.reverse(),
    values => (values.tags = [word, word]),
    values => (values.nested = { n }),
    values => (values.nested = { n, deep: { s: word, 'a.b': n } }),
    values => void Object.assign(values.nested ?? {}, { n }),
    values => void Object.assign(values.nested?.deep ?? {}, { s: word }),
    values => delete values.nested?.deep,
    values => delete values.nested,
    values => values.lines!.push({ text: word, amount: n }),
    values => void Object.assign(values.lines![0] ?? {}, { amount: n }),
    values => values.lines!.splice(0, 1),
    values => values.lines!.sort((a, b) => a.amount - b.amount),
  ]
  both(one(world, edits))
}

function randomValues(world: World): Values {
  const nested = [undefined, { n: world.pick(3) }, { n: 1, deep: { s: one(world, words) } }][world.pick(3)]
  const note = [undefined, null, one(world, words)][world.pick(3)]
  return {
    name: one(world, words),
    rank: world.pick(9),
    group: one(world, ['a', 'b', 'c'] as const),
    ...(note === undefined ? {} : { note }),
    tags: Array.from({ length: world.pick(3) }, () => one(world, words)),
    ...(nested ? { nested } : {}),
    lines: Array.from({ length: world.pick(3) }, () => ({ text: one(world, words), amount: world.pick(4) })),
  }
}

function filters(world: World): readonly (readonly [object, (values: Values) => boolean])[] {
  const [word, n] = [one(world, words), world.pick(9)]
  return [
    [{}, () => true],
    [{ group: 'a' }, values => values.group === 'a'],
    [{ rank: { $gte: n } }, values => values.rank! >= n],
    [{ tags: word }, values => values.tags!.includes(word)],
    [{ tags: { $size: 2 } }, values => values.tags!.length === 2],
    [{ note: null }, values => values.note === null || values.note === undefined],
    [{ note: { $exists: true } }, values => values.note !== undefined],
    [{ 'nested.n': { $lt: n } }, values => values.nested !== undefined && values.nested.n < n],
    [{ 'lines.amount': n }, values => values.lines!.some(line => line.amount === n)],
    [{ $or: [{ name: word }, { group: { $ne: 'c' } }] }, values => values.name === word || values.group !== 'c'],
  ]
}

async function withHandle(world: World, act: (handle: Handle) => Promise<void>): Promise<void> {
  if (world.handles.length > 0) await act(one(world, world.handles))
}

function living(world: World): [number, Row][] {
  return [...world.rows].filter(([, row]) => !row.deleted)
}

function valuesOf(document: object): Values {
  const entries = names.map(name => [name, (document as Values)[name]] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function defined(values: Values): Values {
  return valuesOf(values)
}

function one<T>({ pick }: World, from: readonly T[]): T {
  return from[pick(from.length)]!
}
