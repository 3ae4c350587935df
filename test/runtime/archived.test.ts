// Reading archives through models: the archive alone, and together with the living documents.
import { connection, encrypted, generateKey, model, ObjectId, ref, setKeys, softDelete, timestamps, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

class Writer extends model('ArchivedWriter', { name: z.string() }) {}

class Post extends model(
  'ArchivedPost',
  {
    title: z.string(),
    views: z.number().default(0),
    tags: z.array(z.string()).default([]),
    writer: ref(() => Writer).optional(),
    note: encrypted(z.string()).optional(),
  },
  { plugins: [timestamps(), softDelete()], collection: 'archived_posts' },
) {
  get label() {
    return `“${this.title}”`
  }
}

class Vehicle extends model('ArchivedVehicle', { wheels: z.number() }, { collection: 'archived_vehicles' }) {}
class Truck extends Vehicle.variant('archived_truck', { tons: z.number() }) {}

useModelDatabase('archived')

/** Moves documents as an archive does: their bytes as they are. */
async function move(from: string, title: string, to = `${from}_archive`): Promise<void> {
  const { db } = connection()
  const found = await db.collection(from).find({ title }).toArray()
  await db.collection(to).insertMany(found)
  await db.collection(from).deleteMany({ title })
}

describe('archived()', () => {
  beforeEach(async () => {
    setKeys([{ id: 'one', key: generateKey() }])
    const ada = await Writer.create({ name: 'Ada' })
    await Post.create({ title: 'Old', views: 1, tags: ['a'], writer: ada, note: 'secret' })
    await Post.create({ title: 'New', views: 2, tags: ['b', 'a'] })
    await move('archived_posts', 'Old')
  })

  test('gives documents of the same class, with references and encrypted fields', async () => {
    const [old, ...rest] = await Post.archived().populate('writer').all()
    expect(rest).toEqual([])
    expect(old).toBeInstanceOf(Post)
    expect(old?.label).toBe('“Old”')
    expect(old?.note).toBe('secret')
    expect(old?.writer?.name).toBe('Ada')
    expect(await Post.find().distinct('title')).toEqual(['New'])
  })

  test('changes a document where it lies, and never the living collection', async () => {
    const old = await Post.archived().find({ title: 'Old' }).first()
    await old?.update({ $set: { views: 7 } })
    expect(await Post.archived().find({ views: 7 }).count()).toBe(1)
    expect(await Post.count({ views: 7 })).toBe(0)
    await old?.hardDelete()
    expect(await Post.archived().count()).toBe(0)
  })

  test('does not become the class that stands for the model', async () => {
    const old = await Post.archived().first()
    expect(await Writer.count()).toBe(1)
    expect(old?.constructor).not.toBe(Post)
    expect((await Post.find().first())?.constructor).toBe(Post)
  })

  test('reads another collection when told to', async () => {
    await move('archived_posts', 'New', 'posts_of_2019')
    expect(await Post.archived({ collection: 'posts_of_2019' }).distinct('title')).toEqual(['New'])
  })

  test('reads and changes another database when told to', async () => {
    const { client, db } = connection()
    const database = `${db.databaseName}_cold`
    await client.db(database).collection('archived_posts_archive').insertOne({ title: 'Cold' })
    const cold = await Post.archived({ database }).all()
    expect(cold.map(({ title }) => title)).toEqual(['Cold'])
    await cold[0]?.update({ $set: { views: 3 } })
    expect(await Post.archived({ database }).distinct('views')).toEqual([3])
    await client.db(database).dropDatabase()
  })

  test('keeps what was marked as deleted out of sight, as the model does', async () => {
    const kept = await Post.create({ title: 'Gone' })
    await kept.delete()
    await move('archived_posts', 'Gone')
    expect(await Post.archived().distinct('title')).toEqual(['Old'])
    expect((await Post.archived().includeDeleted().distinct('title')).sort()).toEqual(['Gone', 'Old'])
  })

  test('gives variants as their own classes', async () => {
    const { db } = connection()
    await db.collection('archived_vehicles_archive').insertMany([
      { _id: new ObjectId(), wheels: 4 },
      { _id: new ObjectId(), wheels: 6, _type: 'archived_truck', tons: 12 },
    ])
    const [car, truck] = await Vehicle.archived().sort('wheels').all()
    expect(car).not.toBeInstanceOf(Truck)
    expect(truck).toBeInstanceOf(Truck)
    expect(await Truck.archived().count()).toBe(1)
    await truck?.delete()
    expect(await Vehicle.archived().count()).toBe(1)
  })
})

describe('withArchive()', () => {
  beforeEach(async () => {
    await Post.insertMany([1, 2, 3, 4].map(views => ({ title: `T${views}`, views, tags: [`t${views % 2}`] })))
    await move('archived_posts', 'T1')
    await move('archived_posts', 'T3')
  })

  test('reads both in one order, with skip, limit and select', async () => {
    const all = await Post.withArchive().sort('-views').all()
    expect(all.map(post => post.title)).toEqual(['T4', 'T3', 'T2', 'T1'])
    const some = await Post.withArchive().sort('views').skip(1).limit(2).select('title').all()
    expect(some.map(post => post.label)).toEqual(['“T2”', '“T3”'])
    expect(some[0]?.views).toBeUndefined()
  })

  test('filters, counts, pages and streams both', async () => {
    expect(
      await Post.withArchive()
        .find({ views: { $gte: 2 } })
        .count(),
    ).toBe(3)
    expect(await Post.withArchive().count()).toBe(4)
    expect(await Post.withArchive().find({ title: 'none' }).exists()).toBe(false)
    expect((await Post.withArchive().distinct('tags')).sort()).toEqual(['t0', 't1'])
    const page = await Post.withArchive().sort('views').page({ page: 2, size: 3 })
    expect([page.total, page.items.map(post => post.title)]).toEqual([4, ['T4']])
    const titles: string[] = []
    for await (const post of Post.withArchive().sort('title')) titles.push(post.title)
    expect(titles).toEqual(['T1', 'T2', 'T3', 'T4'])
    const first = await Post.withArchive().sort('views').after(null, { limit: 3 })
    const second = await Post.withArchive().sort('views').after(first.next, { limit: 3 })
    expect(second.items.map(post => post.title)).toEqual(['T4'])
  })

  test('leaves out what is marked as deleted, in both', async () => {
    await (await Post.archived().find({ title: 'T1' }).first())?.delete()
    await (await Post.find({ title: 'T2' }).first())?.delete()
    expect(await Post.withArchive().count()).toBe(2)
    expect(await Post.withArchive().includeDeleted().count()).toBe(4)
  })

  test('writes neither: a document of the archive is not found, and bulk writes are refused', async () => {
    const old = await Post.withArchive().find({ title: 'T1' }).first()
    await expect(old?.update({ $set: { views: 9 } })).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
    await expect(Post.withArchive().find({ views: 1 }).deleteMany()).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    await expect(
      Post.withArchive()
        .find({ views: 1 })
        .updateMany({ $set: { views: 0 } }),
    ).rejects.toThrow(/archived_posts and archived_posts_archive at once/)
    expect(await Post.withArchive().count()).toBe(4)
  })
})

test('the types are those of the model', () => {
  const _ = async () => {
    // @ts-expect-error the writer's name is not there before populate
    void (await Post.archived().first())?.writer?.name
    // @ts-expect-error views is a number
    void Post.withArchive().find({ views: 'many' })
    // @ts-expect-error a union lies in one database
    void Post.withArchive({ database: 'other' })
  }
  expect(_).toBeTypeOf('function')
})
