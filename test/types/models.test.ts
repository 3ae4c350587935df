import { definePlugin, model, ObjectId, type Query, ref, secret, timestamps, transient, z } from 'goose-odm'
import { expect, expectTypeOf, test } from 'vitest'

const stamped = definePlugin({
  name: 'stamped',
  fields: { stamp: z.string().default('new') },
  methods: {
    restamp(this: { stamp: string }, stamp: string) {
      this.stamp = stamp
      return this.stamp.length
    },
  },
  statics: {
    stampName(this: { readonly modelName: string }) {
      return `stamp of ${this.modelName}`
    },
  },
})

class User extends model('TypeUser', {
  name: z.string(),
  role: z.enum(['admin', 'author']).default('author'),
  best: ref(() => Post)
    .nullable()
    .default(null),
  friends: z.array(ref(() => User)).default([]),
  passwordHash: secret(z.string()).optional(),
  password: transient(z.string().min(8)),
}) {
  get label() {
    return this.name.toUpperCase()
  }
  #hidden = 1
  peek() {
    return this.#hidden
  }
}
class Post extends model(
  'TypePost',
  {
    title: z.string(),
    author: ref(() => User),
    category: ref(() => Category).optional(),
    comments: z.array(z.object({ by: ref(() => User), text: z.string(), at: z.date().optional() })).default([]),
    meta: z.object({ reviewer: ref(() => User).optional(), score: z.number() }).optional(),
  },
  { plugins: [stamped, timestamps()] },
) {
  slug() {
    return this.title.toLowerCase()
  }
}
class Category extends model('TypeCategory', {
  _id: z.number(),
  name: z.string(),
  parent: ref(() => Category).optional(),
}) {
  children() {
    return Category.find({ parent: this }).all()
  }
}

const author = new User({ name: 'Ada', password: '12345678' })
const post = new Post({ title: 'x', author: new ObjectId() })

test('documents have the types of their fields', () => {
  expectTypeOf(post.title).toEqualTypeOf<string>()
  expectTypeOf(post._id).toEqualTypeOf<ObjectId>()
  expectTypeOf(author.role).toEqualTypeOf<'admin' | 'author'>()
  expectTypeOf(author.password).toEqualTypeOf<string | undefined>()
  expectTypeOf(author.passwordHash).toEqualTypeOf<string | undefined>()
  expectTypeOf(post.meta?.score).toEqualTypeOf<number | undefined>()
  expectTypeOf<Category['_id']>().toEqualTypeOf<number>()
  expectTypeOf(author.label).toEqualTypeOf<string>()
  expect(author.peek()).toBe(1)
})

test('plugins add fields, methods and statics, in any order', () => {
  expectTypeOf(post.createdAt).toEqualTypeOf<Date>()
  expectTypeOf(post.stamp).toEqualTypeOf<string>()
  expect(post.stamp).toBe('new')
  expect(post.restamp('older')).toBe(5)
  expect(Post.stampName()).toBe('stamp of TypePost')
})

test('a reference has an id before and after populate, and fields only after', () => {
  expectTypeOf(post.author._id).toEqualTypeOf<ObjectId>()
  expectTypeOf<Post['comments'][number]['by']['_id']>().toEqualTypeOf<ObjectId>()
  expectTypeOf<NonNullable<Post['category']>['_id']>().toEqualTypeOf<number>()
  expectTypeOf<ReturnType<Post['author']['load']>>().resolves.toEqualTypeOf<User>()
  // @ts-expect-error the author is not loaded
  expect(post.author.name).toBeUndefined()
  // @ts-expect-error nor is who commented
  expect(() => post.comments[0].by.name).toThrow()
  post.author = author
  author.friends = [author, User.ref(new ObjectId())]
})

type First<Q> = Q extends { first(): Promise<infer D> } ? NonNullable<D> : never

test('populate gives the types of what it has loaded', () => {
  const query = Post.find()
    .populate('author.best')
    .populate('comments.by')
    .populate('category.parent')
    .populate('meta.reviewer')
  type Found = First<typeof query>
  expectTypeOf<Found['author']['name']>().toEqualTypeOf<string>()
  expectTypeOf<NonNullable<Found['author']['best']>['title']>().toEqualTypeOf<string>()
  expectTypeOf<Found['comments'][number]['by']['label']>().toEqualTypeOf<string>()
  expectTypeOf<Found['comments'][number]['text']>().toEqualTypeOf<string>()
  expectTypeOf<NonNullable<NonNullable<Found['category']>['parent']>['name']>().toEqualTypeOf<string>()
  expectTypeOf<NonNullable<NonNullable<Found['meta']>['reviewer']>['name']>().toEqualTypeOf<string>()
  expectTypeOf<Found>().toExtend<Post>()
  expectTypeOf<ReturnType<Found['slug']>>().toEqualTypeOf<string>()
  const friends = User.find().populate('friends.best')
  expectTypeOf<First<typeof friends>['friends'][number]['label']>().toEqualTypeOf<string>()
  const missing = Post.find().populate('author', { onMissing: 'null' })
  expectTypeOf<First<typeof missing>['author']>().toExtend<User | null>()
  expectTypeOf<null>().toExtend<First<typeof missing>['author']>()
})

test('wrong paths, filters and input do not compile', () => {
  // @ts-expect-error a title is no reference
  expect(() => Post.find().populate('title')).toThrow()
  // @ts-expect-error there is no such path
  expect(() => Post.find().populate('author.bset')).toThrow()
  // @ts-expect-error a title is a string
  expect(() => Post.find({ title: 5 })).toThrow()
  // @ts-expect-error there is no such field
  expect(() => Post.find({ titel: 'x' })).toThrow()
  // @ts-expect-error the title is required
  expect(new Post({ author }).title).toBeUndefined()
  // @ts-expect-error the password is required, though gone after a save
  expect(new User({ name: 'x' }).password).toBeUndefined()
  // @ts-expect-error "owner" is no role
  expect(new User({ name: 'x', password: '12345678', role: 'owner' }).role).toBe('owner')
})

test('filters take ids, hex, references and documents, lists and operators', () => {
  const queries = [
    Post.find({ author }),
    Post.find({ author: author._id }),
    Post.find({ author: author._id.toHexString() }),
    Post.find({ author: { $in: [author, new ObjectId()] }, createdAt: { $gte: new Date() } }),
    Post.find({ 'comments.by': author, $or: [{ title: /x/ }, { category: null }] }),
    User.find({ friends: author }),
    User.find({ role: { $in: ['admin'] } }),
  ]
  expect(queries).toHaveLength(7)
  expectTypeOf(Post.find()).toEqualTypeOf<Query<Post>>()
  const create = () => Post.create({ title: 'x', author })
  expectTypeOf<ReturnType<typeof create>>().resolves.toEqualTypeOf<Post>()
  expect(new Category({ _id: 1, name: 'x' }).children).toBeTypeOf('function')
})
