// goose init --from-database: models told from stored data load, compile, and fit the data they were told from.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Binary, BSON, Decimal128, type Document, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'mongodb'
import mongoose from 'mongoose'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { forgetModels } from '../../src/models/registry.ts'
import type { ValueAnswer } from '../../src/shell/answer.ts'
import { checkModels } from '../../src/shell/checking.ts'
import { diffIndexes } from '../../src/shell/indexing.ts'
import { type InferringFlags, startFromDatabase } from '../../src/shell/inferring.ts'
import { openWorkspace } from '../../src/shell/workspace.ts'
import { useDatabase } from '../support/database.ts'

const root = resolve(import.meta.dirname, '../..')
const data = resolve(root, '../shared/data')
const database = useDatabase()
const folder = mkdtempSync(join(root, 'test/.inferred-'))
let project = ''
let projects = 0

beforeEach(async () => {
  await database.db.dropDatabase()
  forgetModels()
  project = join(folder, `p${++projects}`)
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'uri'), database.uri)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = () => openWorkspace({ 'uri-file': join(project, 'uri'), db: database.name }, project)
const file = (name: string) => readFileSync(join(project, name), 'utf8')

/** Runs the command in the project, and gives what it said. */
async function init(flags: Partial<InferringFlags> = {}): Promise<ValueAnswer> {
  const workspace = open()
  try {
    return (await startFromDatabase(workspace, { sample: 5000, ...flags }, 'goose')) as ValueAnswer
  } finally {
    await workspace.close()
  }
}

/** Loads the written models, and gives the misfits of stored documents and the indexes that differ. */
async function faults(): Promise<{ readonly misfits: readonly unknown[]; readonly indexes: readonly unknown[] }> {
  forgetModels()
  const workspace = open()
  try {
    const models = await workspace.models()
    await workspace.connect()
    const [misfits, indexes] = [await checkModels(models, undefined), await diffIndexes(models)]
    const rows = (answer: unknown) => [...(answer as { rows: Iterable<{ state?: string }> }).rows]
    return { misfits: rows(misfits), indexes: rows(indexes).filter(({ state }) => state !== 'ok') }
  } finally {
    await workspace.close()
  }
}

const fits = { misfits: [], indexes: [] }

async function fill(collection: string, documents: readonly Document[]): Promise<void> {
  await database.db.collection(collection).insertMany(documents as Document[])
}

describe.skipIf(!existsSync(data))('data that was not made for goose', () => {
  test('becomes models that everything stored fits', async () => {
    for (const name of ['accounts', 'books', 'customers', 'restaurants', 'theaters']) {
      const lines = readFileSync(join(data, `${name}.ndjson`), 'utf8')
        .trim()
        .split('\n')
      await fill(
        name,
        lines.map(line => BSON.EJSON.parse(line, { relaxed: false })),
      )
    }
    await database.db.collection('accounts').createIndex({ account_id: 1 })
    const { text } = await init()
    expect(text).toContain('models/book.ts        Book from books, 431 documents; look at _id')
    expect(await faults()).toEqual(fits)

    expect(file('models/customer.ts')).toContain("accounts: z.array(ref(() => Account, { by: 'account_id' }))")
    expect(file('models/customer.ts')).toContain(
      '// account_id 627788 is in accounts more than once, so populate refuses it',
    )
    expect(file('models/customer.ts')).toMatch(
      /tier_and_details: z\.record\(\n\s+z\.string\(\),\n\s+z\.looseObject\(\{/,
    )
    expect(file('models/restaurant.ts')).toContain(
      '  // 63 of 2,548 documents have a string here\n  rating: z.union([z.number(), z.string()]),',
    )
    expect(file('models/book.ts')).toContain("  status: z.enum(['MEAP', 'PUBLISH']),")
    expect(file('models/account.ts')).toContain('account_id: z.int(),')
  })
})

describe('a database that Mongoose has made', () => {
  test('becomes the models one would have written', async () => {
    await fillByMongoose()
    const { text } = await init()
    expect(text).toBe(`written  goose.config.ts
written  models/comment.ts  Comment from comments, 24 documents
written  models/post.ts     Post from posts, 12 documents
written  models/user.ts     User from users, 4 documents

Next:
  goose models
  goose models check
  goose indexes diff`)
    expect(file('goose.config.ts')).toContain("uri: env('MONGODB_URI')")
    expect(file('models/post.ts')).toBe(postSource)
    expect(file('models/user.ts')).toContain('email: z.email(),')
    expect(await faults()).toEqual(fits)
  })
})

const postSource = `import { model, ref, timestamps, version, z } from 'goose-odm'
import { User } from './user.ts'

export class Post extends model(
  'Post',
  {
    title: z.string(),
    state: z.enum(['draft', 'published']),
    author: ref(() => User),
    editors: z.array(ref(() => User)),
    meta: z.object({ views: z.int(), score: z.number() }),
    reviewer: ref(() => User).nullish(),
  },
  {
    plugins: [timestamps(), version({ field: '__v' })],
    indexes: [{ key: { title: 1 }, unique: true }, { key: { author: 1, createdAt: -1 } }],
  },
) {}
`

async function fillByMongoose(): Promise<void> {
  const connection = await mongoose.createConnection(database.uri, { dbName: database.name }).asPromise()
  const id = mongoose.Schema.Types.ObjectId
  const User = connection.model(
    'User',
    new mongoose.Schema({ name: String, email: { type: String, unique: true } }, { timestamps: true }),
  )
  const post = new mongoose.Schema(
    {
      title: { type: String, unique: true },
      state: String,
      author: { type: id, ref: 'User' },
      editors: [{ type: id, ref: 'User' }],
      meta: new mongoose.Schema({ views: Number, score: Number }, { _id: false }),
      reviewer: { type: id, ref: 'User' },
    },
    { timestamps: true },
  ).index({ author: 1, createdAt: -1 })
  const Post = connection.model('Post', post)
  const Comment = connection.model('Comment', new mongoose.Schema({ post: { type: id, ref: 'Post' }, text: String }))
  try {
    for (const model of [User, Post, Comment]) await model.init()
    const users = await User.create(['ada', 'bob', 'cy', 'dee'].map(name => ({ name, email: `${name}@example.com` })))
    const posts = await Post.create(
      Array.from({ length: 12 }, (_, i) => ({
        title: `Post ${i}`,
        state: i % 3 === 0 ? 'draft' : 'published',
        author: users[i % 4]!._id,
        editors: [users[(i + 1) % 4]!._id],
        meta: { views: i, score: i / 8 },
        ...(i % 2 === 0 ? { reviewer: i % 4 === 0 ? null : users[0]!._id } : {}),
      })),
    )
    await Comment.create(
      posts.flatMap(({ _id }) => [
        { post: _id, text: 'well' },
        { post: _id, text: 'no' },
      ]),
    )
  } finally {
    await connection.close()
  }
}

describe('types', () => {
  test('are told apart as they are stored, and a mixture says how often', async () => {
    const some = {
      longs: Long.fromString('9007199254740993'),
      money: Decimal128.fromString('1.10'),
      key: new UUID(),
      bytes: new Binary(Buffer.from('x')),
    }
    await fill(
      'things',
      Array.from({ length: 1000 }, (_, i) => ({
        ...some,
        whole: new Int32(i),
        float: new Double(i / 3),
        large: i % 2 ? 4_000_000_000 : 1,
        at: new Date(0),
        flag: i % 2 === 0,
        mixed: i < 3 ? 'three' : i,
        half: i % 2 === 0 ? 'a' : 1,
        maybe: i === 0 ? null : 'x',
        ...(i === 1 ? {} : { often: 'x' }),
        list: [1, null, 'x'],
        nothing: null,
        empty: [],
        time: Timestamp.fromBits(1, 1),
        ...(i === 7 ? { nan: Number.NaN } : { nan: 1.5 }),
        infinite: i === 7 ? Number.POSITIVE_INFINITY : 1,
        boundless: i % 3 ? 'none' : i % 2 ? Number.NEGATIVE_INFINITY : 1,
        deep: { a: { b: [{ c: i }, { c: i, d: 'x' }] } },
      })),
    )
    const { text } = await init()
    expect(text).toContain(
      'Thing from things, 1,000 documents; look at mixed, half, list, nothing, empty, time, nan, infinite, boundless',
    )
    const source = file('models/thing.ts')
    for (const line of [
      'longs: long(),',
      'money: decimal(),',
      'key: uuid(),',
      'bytes: binary(),',
      'whole: z.int(),',
      'float: z.number(),',
      'large: z.int(),',
      'at: z.date(),',
      'flag: z.boolean(),',
      'maybe: z.string().nullable(),',
      'often: z.string().optional(),',
      '// 3 of 1,000 documents have a string here\n  mixed: z.union([z.int(), z.string()]),',
      '// of 1,000 documents, 500 have a string, 500 have a number here\n  half: z.union([z.int(), z.string()]),',
      'list: z.array(z.union([z.int(), z.string()]).nullable()),',
      '// null in all 1,000 documents that have it\n  nothing: z.unknown(),',
      '// empty wherever it is\n  empty: z.array(z.unknown()),',
      '// holds a Timestamp, which no field can be\n  time: z.unknown(),',
      '// some are infinite, which no number of a model may be\n  infinite: z.unknown(),',
      '// some are infinite, which no number of a model may be\n  boundless: z.unknown(),',
      '// some are NaN\n  nan: z.union([z.number(), z.nan()]),',
      'deep: z.object({ a: z.object({ b: z.array(z.object({ c: z.int(), d: z.string().optional() })) }) }),',
    ])
      expect(source).toContain(line)
    expect(await faults()).toEqual(fits)
  })

  test('fields come in the order of the ids, however the documents lie', async () => {
    await fill('tickets', [
      { _id: new ObjectId('000000000000000000000002'), text: 'late', seat: 'A1' },
      { _id: new ObjectId('000000000000000000000001'), seat: 'A2' },
    ])
    await init()
    const written = file('models/ticket.ts')
    expect(written.indexOf('seat:')).toBeGreaterThan(0)
    expect(written.indexOf('text:')).toBeGreaterThan(written.indexOf('seat:'))
  })

  test('a sample of a large collection says that it is one', async () => {
    await fill(
      'visits',
      Array.from({ length: 300 }, (_, i) => ({ kind: i % 2 ? 'in' : 'out' })),
    )
    expect((await init({ sample: 100 })).text).toContain('Visit from visits, 100 of 300 documents; look at kind')
    expect(file('models/visit.ts')).toContain('// Told from 100 of 300 documents\nexport class Visit')
    expect(file('models/visit.ts')).toContain('  // there may be other values outside the sample\n')
  })
})

describe('references', () => {
  test('are found by ids, whatever they are called, and say what is missing', async () => {
    const [people, teams] = [10, 20].map(start =>
      Array.from({ length: 5 }, (_, i) => new ObjectId(String(start + i).padStart(24, '0'))),
    )
    await fill(
      'people',
      people!.map((_id, i) => ({ _id, boss: i === 0 ? null : people![0], email: `p${i}@example.com` })),
    )
    await fill(
      'teams',
      teams!.map((_id, i) => ({
        _id,
        lead: people![i],
        owner: i === 4 ? new ObjectId() : people![i],
        nowhere: new ObjectId(),
        asText: people![i]!.toHexString(),
        either: i % 2 ? people![i] : teams![i],
        person: `p${i}@example.com`,
        members: [{ who: people![i], since: new Date() }],
      })),
    )
    await database.db.collection('people').createIndex({ email: 1 }, { unique: true })
    await init()
    expect(file('models/person.ts')).toContain('boss: ref(() => Person).nullable(),')
    const source = file('models/team.ts')
    for (const line of [
      '    lead: ref(() => Person),',
      '    // 1 of 5 sampled ids is not in people\n    owner: ref(() => Person),',
      '    // none of 5 sampled ids was found in a collection\n    nowhere: objectId(),',
      '    // ids of people as text; a reference needs them as ObjectIds\n    asText: z.string(),',
      "person: ref(() => Person, { by: 'email' }),",
      'members: z.array(z.object({ who: ref(() => Person), since: z.date() })),',
    ])
      expect(source.replaceAll(/^ {2}(?=\S)/gm, '    ')).toContain(line)
    expect(await faults()).toEqual(fits)
  })

  test('go round in rings, and lead to models that are there already', async () => {
    const [a, b] = [new ObjectId(), new ObjectId()]
    await fill('hens', [{ _id: a, egg: b }])
    await fill('eggs', [{ _id: b, hen: a }])
    await init({ collection: ['hens'] })
    expect(file('models/hen.ts')).toContain('egg: objectId(),')
    writeFileSync(
      join(project, 'models/hen.ts'),
      "import { model, z } from 'goose-odm'\nexport class Chicken extends model('Chicken', { egg: z.unknown() }, { collection: 'hens' }) {}\n",
    )
    const { text } = await init()
    expect(text).toContain('kept     models/hen.ts')
    expect(file('models/egg.ts')).toContain("import { Chicken } from './hen.ts'")
    expect(file('models/egg.ts')).toContain('hen: ref(() => Chicken),')
    expect((await faults()).misfits).toEqual([])
  })
})

describe('plugins', () => {
  test('stand for fields that are exactly theirs, and for no others', async () => {
    const now = new Date()
    const of = (i: number) => ({ createdAt: now, updatedAt: now, _v: 0, deletedAt: i === 0 ? now : null })
    await fill(
      'notes',
      [0, 1, 2].map(i => ({ text: 'x', ...of(i) })),
    )
    await fill(
      'drafts',
      [0, 1, 2].map(i => ({ text: 'x', ...of(i), ...(i === 1 ? { updatedAt: undefined } : {}), deleted: false })),
    )
    await init()
    expect(file('models/note.ts')).toContain('{ plugins: [timestamps(), softDelete(), version()] }')
    expect(file('models/draft.ts')).toContain('but 1 of 3 documents have no date in one of them')
    expect(file('models/draft.ts')).toContain('plugins: [version()]')
    expect(await faults()).toEqual(fits)
  })
})

describe('indexes', () => {
  test('are declared as they are: nothing is left to sync', async () => {
    await fill(
      'events',
      Array.from({ length: 3 }, (_, i) => ({ a: i, b: { c: `x${i}` }, at: new Date(), tags: ['x'] })),
    )
    const events = database.db.collection('events')
    await events.createIndex({ a: 1 }, { unique: true })
    await events.createIndex({ a: 1, 'b.c': -1 }, { sparse: true })
    await events.createIndex({ at: 1 }, { expireAfterSeconds: 3600 })
    await events.createIndex({ tags: 1 }, { partialFilterExpression: { a: { $gt: 1 } }, name: 'many' })
    await events.createIndex({ 'b.never': 1 })
    await init()
    const source = file('models/event.ts')
    expect(source).toContain('{ key: { a: 1 }, unique: true }')
    expect(source).toContain("{ key: { tags: 1 }, partialFilterExpression: { a: { $gt: 1 } }, name: 'many' }")
    expect(source).toContain('// there is an index on it, and no document that was read has it\n')
    expect(source).toContain('never: z.unknown().optional()')
    expect(await faults()).toEqual(fits)
  })
})

describe('what cannot be a model, or hardly', () => {
  test('names that no field can have are left out when read, and stay stored', async () => {
    const hostile = JSON.parse(
      '{ "__proto__": { "x": 1 }, "save": "me", "constructor": 1, "address line 2": "x", "it\'s": 1, "class": "x", "in": { "__proto__": 1, "ok": 2 }, "": 1 }',
    )
    await fill('oddities', [hostile])
    await init()
    const source = file('models/oddity.ts')
    expect(source).toContain('strict: true')
    expect(source).toContain('// No field can be called "__proto__", "save", "constructor", ""')
    expect(source).toContain("'address line 2': z.string(),")
    expect(source).toContain('"it\'s": z.int(),'.replaceAll('"', "'").replace("it's", "it\\'s"))
    expect(source).toContain('in: z.looseObject({ ok: z.int() }),')
    expect((await faults()).misfits).toEqual([])
  })

  test('names that become the same in the singular are told apart, and those of JavaScript avoided', async () => {
    for (const name of ['user', 'users', 'maps', 'blog-posts', '2024', 'größe', 'цены']) await fill(name, [{ x: 1 }])
    await init()
    expect(file('models/user.ts')).toContain("model('User', {")
    expect(file('models/user2.ts')).toContain("{ collection: 'user' }")
    expect(file('models/map-record.ts')).toContain("collection: 'maps'")
    expect(file('models/blog-post.ts')).toContain('export class BlogPost extends model(')
    expect(await faults()).toEqual(fits)
  })

  test('models are called by the singular that a person would write, and find their collection', async () => {
    const names: Record<string, string> = {
      purchases: 'Purchase',
      courses: 'Course',
      databases: 'Database',
      analyses: 'Analysis',
      statuses: 'Status',
      movies: 'Movie',
      companies: 'Company',
      archives: 'Archive',
      bookshelves: 'Bookshelf',
      heroes: 'Hero',
      caches: 'Cache',
      matches: 'Match',
      menus: 'Menu',
      series: 'Series',
      metadata: 'Metadata',
      people: 'Person',
      user_addresses: 'UserAddress',
    }
    for (const name of Object.keys(names)) await fill(name, [{ x: 1 }])
    const { text } = await init()
    for (const [collection, name] of Object.entries(names))
      expect(text).toContain(`${name} from ${collection}, 1 document`)
    expect(await faults()).toEqual(fits)
  })

  test('empty collections are left out, but for those whose validator says what belongs there', async () => {
    await database.db.createCollection('voids')
    await fill('ports', [{ name: 'x' }])
    if (database.isEmbedded)
      await database.db.createCollection('crates', {
        validator: {
          $jsonSchema: {
            bsonType: 'object',
            required: ['label'],
            properties: {
              label: { bsonType: 'string' },
              size: { enum: ['s', 'l'] },
              at: { bsonType: ['date', 'null'] },
            },
          },
        },
      })
    const { text } = await init()
    expect(text).toContain('Left out:\n  voids: empty, so nothing can be told of its fields')
    if (!database.isEmbedded) return
    expect(file('models/crate.ts')).toContain(
      "// No documents yet: told from the validator of the collection\nexport class Crate extends model('Crate', {\n  label: z.string(),\n  size: z.enum(['s', 'l']).optional(),\n  at: z.date().nullish(),\n}) {}",
    )
  })

  test('views, capped collections and time series say what they are', async () => {
    await fill('logs', [{ x: 1 }])
    await database.db.createCollection('recent', { viewOn: 'logs', pipeline: [] })
    if (database.isEmbedded) {
      await database.db.createCollection('ring', { capped: true, size: 4096 })
      await fill('ring', [{ x: 1 }])
    }
    await init()
    expect(file('models/recent.ts')).toContain('// A view of logs: it is read, and takes no writes\n')
    if (database.isEmbedded)
      expect(file('models/ring.ts')).toContain('// A capped collection: the oldest documents go when it is full\n')
    expect((await faults()).misfits).toEqual([])
  })

  test('three hundred fields are three hundred lines', async () => {
    await fill('wides', [Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`field${i}`, i]))])
    await init()
    expect(file('models/wide.ts').match(/^ {2}field\d+: z\.int\(\),$/gm)).toHaveLength(300)
    expect(await faults()).toEqual(fits)
  })

  test('an empty database, and none at all, are refused with what to type', async () => {
    await expect(init()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('which has no collections'),
    })
    await expect(init({ collection: ['nowhere'] })).rejects.toMatchObject({
      message: expect.stringContaining('"nowhere" is not in this database'),
    })
    const { MONGODB_URI, GOOSE_URI, ...env } = process.env
    const { GOOSE_CONNECTION: _, ...own } = { GOOSE_CONNECTION: '', ...env }
    process.env = own
    try {
      await expect(startFromDatabase(openWorkspace({}, project), { sample: 1 }, 'goose')).rejects.toMatchObject({
        code: 'USAGE',
      })
    } finally {
      Object.assign(process.env, { ...(MONGODB_URI ? { MONGODB_URI } : {}), ...(GOOSE_URI ? { GOOSE_URI } : {}) })
    }
  })
})

describe('files', () => {
  test('are never written over, and a preview writes none', async () => {
    await fill('boats', [{ name: 'Argo' }])
    const { text } = await init({ 'dry-run': true })
    expect(text).toContain(
      "// models/boat.ts\nimport { model, z } from 'goose-odm'\n\nexport class Boat extends model(",
    )
    expect(text).toContain('new  models/boat.ts')
    expect(existsSync(join(project, 'models'))).toBe(false)

    mkdirSync(join(project, 'lib/data'), { recursive: true })
    writeFileSync(join(project, 'goose.config.ts'), "export default { models: './lib/data/**/*.ts' }\n")
    expect((await init()).text).toContain('kept     goose.config.ts\nwritten  lib/data/boat.ts')
    const first = file('lib/data/boat.ts')
    await fill('boats', [{ name: 'Argo', length: 28 }])
    forgetModels()
    expect((await init()).text).toContain('kept  lib/data/boat.ts')
    expect(file('lib/data/boat.ts')).toBe(first)
  })
})

test('everything that was written compiles', () => {
  const settings = {
    extends: '../../tsconfig.json',
    compilerOptions: { paths: { 'goose-odm': ['../../src/index.ts'] } },
    include: ['**/*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = join(root, 'node_modules/typescript-7/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
  expect(stdout.replaceAll(`${relative(root, folder)}/`, '')).toBe('')
}, 120_000)
