// Lets Mongoose, unmodified, use what applications use of it: models, population, transactions, discriminators.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import mongoose from 'mongoose'

const { Schema } = mongoose

export async function checkMongoose(uri) {
  const connection = await mongoose
    .createConnection(uri, { dbName: `mongoose_${randomBytes(4).toString('hex')}` })
    .asPromise()
  try {
    const models = await modelsOf(connection)
    for (const check of [documents, references, uniqueness, versions, bulk, transactions, kinds, pipelines, indexes])
      await check(models)
    console.log(
      `\nMongoose ${mongoose.version}: documents, population, unique indexes, versions, bulk writes, transactions, discriminators, pipelines, indexes`,
    )
  } finally {
    await connection.dropDatabase()
    await connection.close()
  }
}

async function modelsOf(connection) {
  const author = new Schema(
    {
      name: { type: String, required: true },
      email: { type: String, unique: true },
      tags: [String],
      balance: Schema.Types.Decimal128,
      big: BigInt,
    },
    { timestamps: true },
  )
  const post = new Schema({
    title: String,
    author: { type: Schema.Types.ObjectId, ref: 'Author' },
    comments: [{ text: String, by: { type: Schema.Types.ObjectId, ref: 'Author' } }],
  })
  const event = new Schema({ at: Date }, { discriminatorKey: 'kind' })
  const Author = connection.model('Author', author)
  const Post = connection.model('Post', post)
  const Event = connection.model('Event', event)
  const Click = Event.discriminator('Click', new Schema({ url: String }))
  await Promise.all([Author.init(), Post.init(), Event.init()])
  return { connection, Author, Post, Event, Click }
}

async function documents({ Author }) {
  const [ann] = await Author.create([
    { name: 'Ann', email: 'ann@example.org', tags: ['a'], balance: '10.50', big: 12345678901234567n },
    { name: 'Bob', email: 'bob@example.org' },
  ])
  const found = await Author.findById(ann.id)
  assert.equal(found.balance.toString(), '10.50')
  assert.equal(found.big, 12345678901234567n)
  assert(found.createdAt instanceof Date)
  found.tags.push('b', 'c')
  await found.save()
  found.tags.pull('b')
  await found.save()
  assert.deepEqual((await Author.findById(ann.id).lean()).tags, ['a', 'c'])
  assert.equal(await Author.countDocuments({ name: /^a/i }), 1)
  assert.equal((await Author.find({ name: 'ANN' }).collation({ locale: 'en', strength: 2 })).length, 1)
  const upserted = await Author.findOneAndUpdate(
    { email: 'cid@example.org' },
    { $set: { name: 'Cid' } },
    { upsert: true, returnDocument: 'after' },
  )
  assert.equal(upserted.name, 'Cid')
}

async function references({ Author, Post }) {
  const [ann, bob] = await Author.find().sort('name')
  await Post.create({ title: 'First', author: ann, comments: [{ text: 'Well', by: bob }] })
  const found = await Post.findOne().populate('author').populate('comments.by', 'name')
  assert.equal(found.author.name, 'Ann')
  assert.equal(found.comments[0].by.name, 'Bob')
  await Post.updateOne({ 'comments.text': 'Well' }, { $set: { 'comments.$.text': 'Good' } })
  assert.equal((await Post.findOne()).comments[0].text, 'Good')
}

async function uniqueness({ Author }) {
  const again = Author.create({ name: 'Ann', email: 'ann@example.org' })
  await assert.rejects(again, error => error.code === 11000 && error.keyValue.email === 'ann@example.org')
}

async function versions({ Author }) {
  const [one, other] = [await Author.findOne({ name: 'Ann' }), await Author.findOne({ name: 'Ann' })]
  one.tags = ['x', 'y']
  await one.save()
  other.tags = ['z']
  await assert.rejects(other.save(), { name: 'VersionError' })
}

async function bulk({ Author }) {
  const { insertedCount, matchedCount, deletedCount } = await Author.bulkWrite([
    { insertOne: { document: { name: 'Dan', email: 'dan@example.org' } } },
    { updateOne: { filter: { name: 'Dan' }, update: { tags: ['d'] } } },
    { deleteOne: { filter: { name: 'Dan' } } },
  ])
  assert.deepEqual([insertedCount, matchedCount, deletedCount], [1, 1, 1])
}

async function transactions({ connection, Author, Post }) {
  await connection.transaction(async session => {
    await Author.create([{ name: 'Eve', email: 'eve@example.org' }], { session })
    await Post.create([{ title: 'Second' }], { session })
  })
  assert(await Author.exists({ name: 'Eve' }))
  const failing = connection.transaction(async session => {
    await Author.create([{ name: 'Fay', email: 'fay@example.org' }], { session })
    throw new Error('stop')
  })
  await assert.rejects(failing, /stop/)
  assert.equal(await Author.exists({ name: 'Fay' }), null)
}

async function kinds({ Event, Click }) {
  await Click.create({ at: new Date(), url: '/' })
  await Event.create({ at: new Date() })
  assert.deepEqual([await Event.countDocuments(), await Click.countDocuments()], [2, 1])
  assert((await Event.findOne({ kind: 'Click' })) instanceof Click)
}

async function pipelines({ Author, Post }) {
  const lookup = { from: 'authors', localField: 'author', foreignField: '_id', as: 'author' }
  const [joined] = await Post.aggregate([{ $match: { title: 'First' } }, { $lookup: lookup }, { $unwind: '$author' }])
  assert.equal(joined.author.name, 'Ann')
  let count = 0
  for await (const _ of Author.find().cursor({ batchSize: 2 })) count++
  assert.equal(count, await Author.countDocuments())
}

async function indexes({ Author }) {
  await Author.collection.createIndex({ name: 1 })
  assert.deepEqual(await Author.syncIndexes(), ['name_1'])
  const { executionStats } = await Author.find({ email: 'ann@example.org' }).explain('executionStats')
  assert.equal(executionStats.totalDocsExamined, 1)
}
