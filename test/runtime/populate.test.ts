import {
  AmbiguousReference,
  Binary,
  binary,
  long,
  many,
  model,
  ObjectId,
  onQuery,
  ReferenceMissing,
  ref,
  timestamps,
  UnknownPath,
  z,
} from 'goose-odm'
import { Double } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('populate')

class User extends model('PopUser', {
  name: z.string(),
  best: ref(() => Post)
    .nullable()
    .default(null),
}) {
  greet() {
    return `hi ${this.name}`
  }
}
class Post extends model(
  'PopPost',
  {
    title: z.string(),
    author: ref(() => User),
    editors: z.array(ref(() => User)).default([]),
    reviewer: ref(() => User).optional(),
    meta: z
      .object({ owner: ref(() => User).optional(), deep: z.object({ by: ref(() => User) }).optional() })
      .optional(),
    comments: z.array(z.object({ by: ref(() => User), text: z.string() })).default([]),
  },
  { plugins: [timestamps()] },
) {}

async function blog() {
  const [ada, bob] = await User.insertMany([{ name: 'Ada' }, { name: 'Bob' }])
  const post = await Post.create({
    title: 'one',
    author: ada!,
    editors: [bob!, ada!],
    meta: { owner: bob!, deep: { by: ada! } },
    comments: [
      { by: bob!, text: 'a' },
      { by: ada!, text: 'b' },
    ],
  })
  ada!.best = post
  await ada!.save()
  return { ada: ada!, bob: bob!, post }
}

describe('populate', () => {
  test('a reference that is not loaded knows its id and how to load', async () => {
    const { ada } = await blog()
    const post = (await Post.find().first())!
    expect(post.author._id.equals(ada._id)).toBe(true)
    expect((post.author as { name?: string }).name).toBeUndefined()
    expect(JSON.parse(JSON.stringify(post)).author).toBe(ada._id.toHexString())
    expect((await post.author.load()).greet()).toBe('hi Ada')
  })

  test('one, optional, lists, embedded objects and elements of lists', async () => {
    const { ada } = await blog()
    const post = (await Post.find()
      .populate('author')
      .populate('editors')
      .populate('reviewer')
      .populate('meta.owner')
      .populate('meta.deep.by')
      .populate('comments.by')
      .first())!
    expect(post.author.greet()).toBe('hi Ada')
    expect(post.author._id.equals(ada._id)).toBe(true)
    expect(post.editors.map(editor => editor.greet())).toEqual(['hi Bob', 'hi Ada'])
    expect(post.reviewer?.name).toBeUndefined()
    expect(post.meta?.owner?.name).toBe('Bob')
    expect(post.meta?.deep?.by.name).toBe('Ada')
    expect(post.comments.map(comment => `${comment.by.name} ${comment.text}`)).toEqual(['Bob a', 'Ada b'])
    expect(post.isDirty()).toBe(false)
  })

  test('a dotted path goes through documents, and a circle ends', async () => {
    await blog()
    const post = (await Post.find().populate('author.best.author').first())!
    expect(post.author.best?.author.greet()).toBe('hi Ada')
  })

  test('one document of a query is loaded once, however often it is referred to', async () => {
    const { ada } = await blog()
    await Post.create({ title: 'two', author: ada })
    const [one, two] = await Post.find().populate('author').all()
    expect(one?.author).toBe(two?.author)
  })

  test('iteration populates as well', async () => {
    await blog()
    for await (const post of Post.find().populate('author')) expect(post.author.name).toBe('Ada')
  })

  test('populating twice changes nothing', async () => {
    await blog()
    const post = await (await Post.find().first())!.populate('author')
    const { author } = post
    expect((await post.populate('author')).author).toBe(author)
  })

  test('what a required reference points at is gone: an error that names it, or null when asked for', async () => {
    const { ada } = await blog()
    await ada.delete()
    await expect(Post.find().populate('author').all()).rejects.toThrow(ReferenceMissing)
    const post = (await Post.find().populate('author', { onMissing: 'null' }).first())!
    expect(post.author?.name).toBeUndefined()
    expect(post.author).toBeNull()
  })

  test('what a nullable reference points at is gone: null, which a save does not store', async () => {
    const { post } = await blog()
    await post.delete()
    const ada = (await User.find({ name: 'Ada' }).populate('best').first())!
    expect(ada.best).toBeNull()
    expect(ada.isDirty()).toBe(false)
    ada.name = 'Countess'
    await ada.save()
    expect((await User.get(ada._id)).best?._id.equals(post._id)).toBe(true)
  })

  test('an element that is gone leaves its place null and its id in the database', async () => {
    const { bob } = await blog()
    await bob.delete()
    const post = (await Post.find().populate('editors', { onMissing: 'null' }).first())!
    expect(post.editors.map(editor => editor?.name)).toEqual([undefined, 'Ada'])
    expect(post.isDirty()).toBe(false)
    post.title = 'two'
    await post.save()
    expect((await Post.get(post._id)).editors[0]?._id.equals(bob._id)).toBe(true)
  })

  test('inside an embedded object as well: null in memory, the id in the database', async () => {
    const { ada, bob, post } = await blog()
    await bob.delete()
    const found = (await Post.find().populate('meta.owner').populate('comments.by', { onMissing: 'null' }).first())!
    expect([found.meta?.owner, found.comments[0]?.by, found.isDirty()]).toEqual([null, null, false])
    found.meta!.deep = { by: bob }
    await found.save()
    const stored = await (await Post.collection()).findOne({ _id: post._id })
    expect(stored?.meta).toEqual({ owner: bob._id, deep: { by: bob._id } })
    expect(stored?.comments.map(({ by }: { by: unknown }) => by)).toEqual([bob._id, ada._id])
  })

  test('a wrong path is refused with the references there are', () => {
    expect(() => Post.find().populate('autor' as never)).toThrow('PopPost has no path "autor"')
    expect(() => Post.find().populate('title' as never)).toThrow(UnknownPath)
    expect(() => Post.find().populate('author.nme' as never)).toThrow('PopPost has no path "author.nme"')
    expect(() => Post.find().populate('author.best.author.best.author.best' as never)).toThrow('deeper than 5')
  })
})

describe('references by another key', () => {
  class Account extends model('PopAccount', { account_id: z.number(), limit: z.number() }) {}
  class Customer extends model('PopCustomer', {
    name: z.string(),
    accounts: z.array(ref(() => Account, { by: 'account_id' })).default([]),
    main: ref(() => Account, { by: 'account_id' }).optional(),
  }) {}

  test('the key is stored, the document is loaded', async () => {
    await Account.insertMany([
      { account_id: 1, limit: 10 },
      { account_id: 2, limit: 20 },
    ])
    const { _id } = await Customer.create({ name: 'c', accounts: [1, 2], main: 2 })
    expect(await (await Customer.collection()).findOne({ _id: _id as never })).toMatchObject({
      accounts: [1, 2],
      main: 2,
    })
    const plain = await Customer.get(_id)
    expect(plain.accounts.map(account => account.account_id)).toEqual([1, 2])
    expect((await plain.accounts[0]!.load()).limit).toBe(10)
    const found = (await Customer.find({ accounts: 2 }).populate('accounts').populate('main').first())!
    expect(found.accounts.map(account => account.limit)).toEqual([10, 20])
    expect(found.main?.limit).toBe(20)
    expect(found.isDirty()).toBe(false)
  })

  test('a key that occurs twice is an error that names it', async () => {
    await Account.insertMany([
      { account_id: 7, limit: 10 },
      { account_id: 7, limit: 20 },
    ])
    await Customer.create({ name: 'c', accounts: [7] })
    const attempt = Customer.find().populate('accounts').all()
    await expect(attempt).rejects.toThrow(AmbiguousReference)
    await expect(Customer.find().populate('accounts').all()).rejects.toThrow(
      'PopCustomer "accounts": PopAccount has more than one document with account_id 7',
    )
  })
})

test('ids of other types are referred to as well', async () => {
  class Country extends model('PopCountry', { _id: z.string(), name: z.string() }) {}
  class City extends model('PopCity', { name: z.string(), country: ref(() => Country) }) {}
  await Country.create({ _id: 'de', name: 'Germany' })
  await City.create({ name: 'Kiel', country: 'de' })
  const city = (await City.find({ country: 'de' }).populate('country').first())!
  expect(city.country.name).toBe('Germany')
  expect(new ObjectId()).toBeInstanceOf(ObjectId)
})

describe('the other side of a reference', () => {
  class Article extends model('PopArticle', {
    title: z.string(),
    remarks: many(() => Remark, 'article'),
    cited: many(() => Remark, 'cites'),
  }) {}
  class Remark extends model('PopRemark', {
    text: z.string(),
    article: ref(() => Article),
    cites: z.array(ref(() => Article)).default([]),
    by: ref(() => User).optional(),
  }) {}

  async function articles() {
    const user = await User.create({ name: 'Ada' })
    const [one, two] = await Article.insertMany([{ title: 'one' }, { title: 'two' }])
    await Remark.insertMany([
      { text: 'a', article: one!, cites: [two!], by: user },
      { text: 'b', article: one! },
      { text: 'c', article: two!, cites: [one!, two!] },
    ])
    return { one: one!, two: two! }
  }

  test('is loaded with one query, and stores nothing', async () => {
    const { one } = await articles()
    const events: string[] = []
    const stop = onQuery(event => events.push(event.model))
    const found = await Article.find().sort('title').populate('remarks.by').populate('cited').all()
    stop()
    expect(found.map(article => article.remarks.map(remark => remark.text))).toEqual([['a', 'b'], ['c']])
    expect(found[0]?.remarks[0]?.by?.name).toBe('Ada')
    expect(found.map(article => article.cited.map(remark => remark.text))).toEqual([['c'], ['a', 'c']])
    expect(events).toEqual(['PopArticle', 'PopRemark', 'PopUser', 'PopRemark'])
    expect(found[0]?.isDirty()).toBe(false)
    expect(Object.keys((await (await Article.collection()).findOne({ _id: one._id }))!)).toEqual(['_id', 'title'])
  })

  test('loads and counts by itself', async () => {
    const { one } = await articles()
    expect((await one.remarks.load()).map(remark => remark.text)).toEqual(['a', 'b'])
    expect(await one.remarks.count()).toBe(2)
    expect(JSON.parse(JSON.stringify(one))).toEqual({ _id: one._id.toHexString(), title: 'one' })
  })

  test('is counted for a whole list with one command', async () => {
    await articles()
    const found = await Article.find().sort('title').all()
    const events: string[] = []
    const stop = onQuery(event => events.push(event.operation))
    expect(await Article.counts(found, 'remarks')).toEqual([2, 1])
    expect(await Article.counts([...found, found[0]!], 'cited')).toEqual([1, 2, 1])
    stop()
    expect(events).toEqual(['aggregate', 'aggregate'])
    expect(await Article.counts([], 'remarks')).toEqual([])
    await expect(Article.counts(found, 'title')).rejects.toThrow('PopArticle has no path "title"')
  })

  test('cannot be gone back from: that is a circle', async () => {
    const { one } = await articles()
    const refused = 'populate of "remarks.article" goes in a circle: "remarks.article" is where it comes from'
    expect(() => Article.find().populate('remarks.article')).toThrow(refused)
    await expect(one.populate('remarks.article')).rejects.toThrow(refused)
    expect(() => Remark.find().populate('article.cited.cites')).toThrow('"article.cited.cites" is where it comes from')
    const other = await Remark.find({ text: 'a' }).populate('article.cited.article').first()
    expect(other?.article.cited.map(remark => remark.article.title)).toEqual(['two'])
  })

  test('takes match, sort, limit and select', async () => {
    const { one } = await articles()
    const sorted = await (await Article.get(one._id)).populate('remarks', { sort: '-text', limit: 1, select: ['text'] })
    expect(sorted.remarks.map(remark => remark.text)).toEqual(['b'])
    const matched = await (await Article.get(one._id)).populate('remarks', { match: { text: 'a' } })
    expect(matched.remarks.map(remark => remark.text)).toEqual(['a'])
    expect(() => Article.find({ remarks: 'x' } as never)).toThrow(UnknownPath)
  })

  test('a field that the other model does not have is refused by name', async () => {
    class Wrong extends model('PopWrong', { title: z.string(), remarks: many(() => Remark, 'artcle') }) {}
    const wrong = await Wrong.create({ title: 'x' })
    await expect(wrong.populate('remarks')).rejects.toThrow('many() names "artcle"')
  })
})

describe('keys of any type', () => {
  class Meter extends model('PopMeter', { _id: long(), name: z.string() }) {}
  class Box extends model('PopBox', { _id: binary(), name: z.string() }) {}
  class Use extends model('PopUse', {
    meter: ref(() => Meter).optional(),
    box: ref(() => Box).optional(),
  }) {}

  test('are found again in the type that they are stored in', async () => {
    await Meter.insertMany([
      { _id: 1n, name: 'one' },
      { _id: 9007199254740993n, name: 'big' },
    ])
    await Box.insertMany([
      { _id: Buffer.from([255, 254]), name: 'a' },
      { _id: Buffer.from([255, 253]), name: 'b' },
    ])
    await Use.insertMany([{ meter: 1 }, { meter: 9007199254740993n }, { box: new Binary(Buffer.from([255, 253])) }])
    const uses = await Use.find().sort('_id').populate('meter').populate('box').all()
    expect(uses.map(use => use.meter?.name ?? use.box?.name)).toEqual(['one', 'big', 'b'])
  })

  test('whole numbers that another program stored as doubles are 64-bit integers in memory', async () => {
    await (await Meter.collection()).insertOne({ _id: new Double(5) as never, name: 'five' })
    expect((await Meter.find().first())?._id).toBe(5n)
  })
})

describe('what populate is asked', () => {
  class Owner extends model('PopOwner', { name: z.string(), pets: many(() => Pet, 'owner') }) {}
  class Pet extends model('PopPet', {
    name: z.string(),
    owner: ref(() => Owner),
    friends: z.array(ref(() => Pet)).default([]),
  }) {}

  test.each([
    ['pets', { sort: 'nmae' }, 'PopPet has no path "nmae"'],
    ['pets', { select: ['nmae'] }, 'PopPet has no path "nmae"'],
    ['pets', { match: { nmae: 'x' } }, 'PopPet has no path "nmae"'],
    ['pets', { select: ['name', '-owner'] }, 'select mixes paths to read and paths to leave out'],
    ['pets', { limit: -5 }, 'the limit of "pets" is -5'],
    ['pets', { limit: 0.5 }, 'the limit of "pets" is 0.5'],
  ] as const)('%s with %j is refused before anything is read', (path, options, message) => {
    expect(() => Owner.find().populate(path, options as never)).toThrow(message)
  })

  test.each([{ sort: 'name' }, { limit: 1 }])(
    '%j has no meaning for references that a document holds itself',
    options => {
      expect(() => Pet.find().populate('friends', options)).toThrow('"friends" holds its references itself')
    },
  )

  test('what does not match is told from what is gone', async () => {
    const owner = await Owner.create({ name: 'Ann' })
    await Pet.create({ name: 'Rex', owner })
    const asked = Pet.find().populate('owner', { match: { name: 'Bob' } })
    await expect(asked.all()).rejects.toThrow('what "owner" refers to is gone or does not match')
  })

  test('the other side of a reference needs the _id', async () => {
    const owner = await Owner.create({ name: 'Ann' })
    await Pet.create({ name: 'Rex', owner })
    const part = (await Owner.find().select('-_id').first())!
    await expect(part.pets.load()).rejects.toThrow('"pets" goes by the _id, which was not read')
    expect((await Owner.find().select('-_id').populate('pets').first())?.pets[0]?.name).toBe('Rex')
  })
})
