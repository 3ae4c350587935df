// Lets Mongoose, unmodified, do what applications do with it: documents, references, transactions, indexes, new schemas.
import mongoose, { type Connection, Schema } from 'mongoose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

describe('Mongoose', () => {
  const database = useDatabase()
  let connection: Connection

  const authorSchema = new Schema(
    { name: { type: String, required: true }, email: { type: String, unique: true }, tags: [String], born: Date },
    { timestamps: true },
  )
  const postSchema = new Schema({
    title: { type: String, index: true },
    author: { type: Schema.Types.ObjectId, ref: 'Author' },
    views: { type: Number, default: 0 },
    comments: [{ text: String, by: { type: Schema.Types.ObjectId, ref: 'Author' } }],
    at: { place: String, zip: String },
  })
  const author = () => connection.model('Author', authorSchema)
  const post = () => connection.model('Post', postSchema)

  beforeAll(async () => {
    connection = await mongoose.createConnection(database.uri, { dbName: database.name }).asPromise()
    await Promise.all([author().init(), post().init()])
  })
  beforeEach(async () => {
    await Promise.all([author().deleteMany({}), post().deleteMany({})])
    const [ann, bob] = await author().create([
      { name: 'Ann', email: 'ann@example.org', tags: ['a'], born: new Date(0) },
      { name: 'Bob', email: 'bob@example.org' },
    ])
    await post().create([
      { title: 'First', author: ann!._id, views: 3, comments: [{ text: 'Well', by: bob!._id }] },
      { title: 'Second', author: ann!._id, views: 5 },
      { title: 'Third', author: bob!._id },
    ])
  })
  afterAll(() => connection.close())

  test('creates, finds, changes and saves documents', async () => {
    const found = (await author().findOne({ name: 'Ann' }))!
    expect(found.born).toEqual(new Date(0))
    found.tags.push('b', 'c')
    found.set('born', undefined)
    await found.save()
    expect(await author().findById(found._id).lean()).toMatchObject({ tags: ['a', 'b', 'c'] })
    expect(await author().countDocuments({ born: { $exists: false } })).toBe(2)
    const after = await post().findOneAndUpdate({ title: 'Third' }, { $inc: { views: 2 } }, { returnDocument: 'after' })
    expect(after?.views).toBe(2)
    await post().updateOne({ 'comments.text': 'Well' }, { $set: { 'comments.$.text': 'Good' } })
    expect((await post().findOne({ title: 'First' }))?.comments[0]?.text).toBe('Good')
  })

  test('refuses what does not fit: a missing field, a second of a unique one, an old version', async () => {
    await expect(author().create({ email: 'x@example.org' })).rejects.toThrow(/Path `name` is required/)
    const again = author().create({ name: 'Ann', email: 'ann@example.org' })
    await expect(again).rejects.toMatchObject({ code: 11000, keyValue: { email: 'ann@example.org' } })
    const [one, other] = await Promise.all([author().findOne({ name: 'Ann' }), author().findOne({ name: 'Ann' })])
    one!.tags = ['x', 'y']
    await one!.save()
    other!.tags = ['z']
    await expect(other!.save()).rejects.toMatchObject({ name: 'VersionError' })
  })

  test('populates references, also inside of arrays', async () => {
    const found = await post().findOne({ title: 'First' }).populate('author').populate('comments.by', 'name').lean()
    expect(found).toMatchObject({ author: { email: 'ann@example.org' }, comments: [{ by: { name: 'Bob' } }] })
  })

  test('commits transactions, and leaves nothing of those that fail', async () => {
    await connection.transaction(async session => {
      await author().create([{ name: 'Eve', email: 'eve@example.org' }], { session })
      await post().updateOne({ title: 'First' }, { $inc: { views: 1 } }, { session })
    })
    expect(await author().exists({ name: 'Eve' })).not.toBeNull()
    const failing = connection.transaction(async session => {
      await author().create([{ name: 'Fay', email: 'fay@example.org' }], { session })
      await post().deleteMany({}, { session })
      throw new Error('stop')
    })
    await expect(failing).rejects.toThrow('stop')
    expect(await author().exists({ name: 'Fay' })).toBeNull()
    expect(await post().countDocuments()).toBe(3)
  })

  test('joins, groups and pages in pipelines, and reads by cursor', async () => {
    const sums = await post().aggregate([
      { $lookup: { from: 'authors', localField: 'author', foreignField: '_id', as: 'by' } },
      { $unwind: '$by' },
      { $group: { _id: '$by.name', views: { $sum: '$views' }, titles: { $push: '$title' } } },
      { $sort: { _id: 1 } },
    ])
    expect(sums).toMatchObject([
      { _id: 'Ann', views: 8 },
      { _id: 'Bob', views: 0 },
    ])
    const titles: unknown[] = []
    for await (const { title } of post().find().sort('-title').skip(1).cursor({ batchSize: 1 })) titles.push(title)
    expect(titles).toEqual(['Second', 'First'])
  })

  test('writes in bulk', async () => {
    const done = await author().bulkWrite([
      { insertOne: { document: { name: 'Dan', email: 'dan@example.org' } } },
      { updateOne: { filter: { name: 'Dan' }, update: { tags: ['d'] } } },
      { replaceOne: { filter: { name: 'Bob' }, replacement: { name: 'Bea', email: 'bea@example.org' } } },
      { deleteOne: { filter: { name: 'Dan' } } },
    ])
    expect(done).toMatchObject({ insertedCount: 1, matchedCount: 2, deletedCount: 1 })
    expect((await author().find().sort('name')).map(({ name }) => name)).toEqual(['Ann', 'Bea'])
  })

  test('builds the indexes of its schemas, and takes back others', async () => {
    await author().collection.createIndex({ name: 1 })
    expect(await author().syncIndexes()).toEqual(['name_1'])
    expect(await author().listIndexes()).toMatchObject([{ name: '_id_' }, { name: 'email_1', unique: true }])
    expect(await post().listIndexes()).toMatchObject([{ name: '_id_' }, { name: 'title_1' }])
  })

  test('reads documents of an older schema, and changes them to a newer one', async () => {
    await post().collection.insertOne({ title: 'Old', views: '12', place: 'Oslo' } as never)
    const newer = connection.model(
      'NewPost',
      new Schema({ title: String, views: Number, at: { place: String } }, { collection: 'posts' }),
    )
    expect((await newer.findOne({ title: 'Old' }))?.views).toBe(12)
    await newer.collection.updateMany({ place: { $exists: true } }, [
      { $set: { 'at.place': '$place', views: { $toInt: '$views' } } },
      { $unset: 'place' },
    ])
    expect(await newer.findOne({ title: 'Old' }).lean()).toMatchObject({ views: 12, at: { place: 'Oslo' } })
    expect(await newer.collection.countDocuments({ views: { $type: 'string' } })).toBe(0)
  })

  test('keeps kinds of documents apart in one collection', async () => {
    const event = connection.model('Event', new Schema({ at: Date }, { discriminatorKey: 'kind' }))
    const click = event.discriminator('Click', new Schema({ url: String }))
    await click.create({ at: new Date(), url: '/' })
    await event.create({ at: new Date() })
    expect([await event.countDocuments(), await click.countDocuments()]).toEqual([2, 1])
    expect(await event.findOne({ kind: 'Click' })).toBeInstanceOf(click)
  })
})
