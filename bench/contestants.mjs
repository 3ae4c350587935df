// Opens one database by the driver, goose, Mongoose and Papr, each with the same models.
import mongoose from 'mongoose'
import Papr, { schema, types } from 'papr'
import { connect, disconnect, model, ref, z } from '../dist/index.js'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'

class User extends model('User', { name: z.string(), email: z.string(), role: z.enum(['admin', 'author']) }) {}

const postFields = {
  title: z.string(),
  body: z.string(),
  author: ref(() => User),
  tags: z.array(z.string()),
  views: z.int(),
  rating: z.number(),
  published: z.boolean(),
  source: z.object({ name: z.string(), words: z.int(), language: z.string() }),
  createdAt: z.date(),
  updatedAt: z.date(),
}
class Post extends model('Post', postFields) {}
class Scratch extends model('Scratch', postFields, { collection: 'scratch_goose' }) {}

export async function openContestants(uri, database) {
  const client = await new MongoClient(uri).connect()
  const db = client.db(database)
  await openGoose(uri, database)
  const { connection, models } = await openMongoose(uri, database)
  return {
    db,
    goose: { User, Post, Scratch },
    mongoose: models,
    papr: paprModels(db),
    close: async () => {
      await db.dropDatabase()
      await Promise.all([disconnect(), connection.close(), client.close()])
    },
  }
}

/** Opens the database by goose alone. */
export async function openGoose(uri, database) {
  await connect(withDatabase(uri, database))
  return { User, Post }
}

/** Opens the database by Mongoose alone. */
export async function openMongoose(uri, database) {
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise()
  return { connection, models: mongooseModels(connection) }
}

export function withDatabase(uri, database) {
  const [address, options] = uri.split('?')
  return `${address.replace(/(mongodb(?:\+srv)?:\/\/[^/]+)\/?.*/, '$1')}/${database}${options ? `?${options}` : ''}`
}

function mongooseModels(connection) {
  const user = new mongoose.Schema(
    { name: String, email: String, role: String },
    { versionKey: false, autoIndex: false },
  )
  const post = new mongoose.Schema(
    {
      title: String,
      body: String,
      author: { type: mongoose.Schema.Types.ObjectId, ref: 'User' },
      tags: [String],
      views: Number,
      rating: Number,
      published: Boolean,
      source: new mongoose.Schema({ name: String, words: Number, language: String }, { _id: false }),
      createdAt: Date,
      updatedAt: Date,
    },
    { versionKey: false, autoIndex: false },
  )
  return {
    User: connection.model('User', user, 'users'),
    Post: connection.model('Post', post, 'posts'),
    Scratch: connection.model('Scratch', post, 'scratch_mongoose'),
  }
}

function paprModels(db) {
  const papr = new Papr()
  papr.initialize(db)
  const post = schema({
    title: types.string({ required: true }),
    body: types.string({ required: true }),
    author: types.objectId({ required: true }),
    tags: types.array(types.string(), { required: true }),
    views: types.number({ required: true }),
    rating: types.number({ required: true }),
    published: types.boolean({ required: true }),
    source: types.object({ name: types.string(), words: types.number(), language: types.string() }, { required: true }),
    createdAt: types.date({ required: true }),
    updatedAt: types.date({ required: true }),
  })
  return { Post: papr.model('posts', post), Scratch: papr.model('scratch_papr', post) }
}
