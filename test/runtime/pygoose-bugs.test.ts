// What goes wrong for users of Pygoose, one test for each bug: goose does better.
import {
  audit,
  auditContext,
  connection,
  encrypted,
  generateKey,
  model,
  ObjectId,
  onQuery,
  ref,
  setKeys,
  softDelete,
  timestamps,
  transient,
  z,
} from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('pygoose')

class User extends model('PyUser', { name: z.string() }) {}
class Post extends model(
  'PyPost',
  {
    title: z.string().min(1),
    author: ref(() => User),
    reviewer: ref(() => User).optional(),
    editors: z.array(ref(() => User)).default([]),
    parent: ref(() => Post)
      .nullable()
      .default(null),
    comments: z.array(z.object({ by: ref(() => User), text: z.string() })).default([]),
    tags: z.array(z.string()).default([]),
    meta: z.record(z.string(), z.unknown()).default({}),
  },
  { plugins: [timestamps()] },
) {}
class Note extends model('PyNote', { text: z.string() }, { plugins: [softDelete(), audit()] }) {}
class Patient extends model(
  'PyPatient',
  {
    name: z.string(),
    ssn: encrypted(z.string()).optional(),
    doctor: z.object({ code: encrypted(z.string()).nullable() }).optional(),
  },
  { plugins: [audit()] },
) {}

let ada: User
let bob: User
beforeEach(async () => {
  setKeys([{ id: 'k1', key: generateKey() }])
  ;[ada, bob] = (await User.insertMany([{ name: 'Ada' }, { name: 'Bob' }])) as [User, User]
})
const raw = async (of: { collection(): ReturnType<typeof Post.collection> }) => (await of.collection()).find().toArray()

describe('B1: plugins', () => {
  const n = z.int()
  class Document extends model('Document', { n }, { plugins: [timestamps(), softDelete(), audit()] }) {}
  class Second extends model('PySecond', { n }, { plugins: [audit(), softDelete(), timestamps()] }) {}
  class Third extends model('PyThird', { n }, { plugins: [softDelete(), audit(), timestamps()] }) {}

  test.each([[Document], [Second as unknown as typeof Document], [Third as unknown as typeof Document]])(
    'work in any order, on a model that may be called Document (%#)',
    async Model => {
      const document = await Model.create({ n: 1 })
      expect(document.createdAt).toBeInstanceOf(Date)
      await document.delete()
      expect(await Model.count()).toBe(0)
      expect(await raw(Model)).toHaveLength(1)
      expect((await document.history()).map(entry => entry.operation)).toEqual(['insert', 'delete'])
    },
  )
})

test('B2: references and ids are stored as ObjectId, whatever they were given as, and are found by either', async () => {
  const post = await Post.create({ title: 'a', author: String(ada._id), editors: [bob, bob._id, String(ada._id)] })
  await post.update({ $set: { reviewer: String(bob._id) } })
  await Post.updateMany({ title: 'a' }, { $set: { parent: String(post._id) } })
  const [stored] = await raw(Post)
  const ids = [stored!._id, stored!.author, stored!.reviewer, stored!.parent, ...stored!.editors]
  expect(ids.every(id => id instanceof ObjectId)).toBe(true)
  for (const author of [ada._id, String(ada._id), ada, User.ref(ada._id)])
    expect(await Post.count({ author: author as never })).toBe(1)
})

test('B3: optional, nullable, nested and listed references are populated', async () => {
  const parent = await Post.create({ title: 'parent', author: ada })
  await Post.create({
    title: 'a',
    author: ada,
    parent,
    reviewer: bob,
    editors: [ada, bob],
    comments: [{ by: bob, text: '!' }],
  })
  const query = Post.find({ title: 'a' }).populate('parent.author').populate('reviewer').populate('editors')
  const post = (await query.populate('comments.by').one())!
  expect(post.parent?.author.name).toBe('Ada')
  expect(post.reviewer?.name).toBe('Bob')
  expect(post.editors.map(editor => editor.name)).toEqual(['Ada', 'Bob'])
  expect(post.comments[0]?.by.name).toBe('Bob')
})

test('B4: an encrypted optional field is never in clear: not in the database, not in audit, not after reload', async () => {
  const heard: string[] = []
  const stop = onQuery(event => heard.push(JSON.stringify(event)))
  const patient = await Patient.create({ name: 'Eve', ssn: 'secret-1', doctor: { code: 'secret-2' } })
  await patient.update({ $set: { ssn: 'secret-3' } })
  await Patient.updateMany({ name: 'Eve' }, { $set: { ssn: 'secret-4' } })
  await patient.reload()
  expect(patient.ssn).toBe('secret-4')
  patient.ssn = 'secret-5'
  await patient.save()
  stop()
  const log = await connection().db.collection('_audit_log').find().toArray()
  expect(JSON.stringify([await raw(Patient), log, heard])).not.toMatch(/secret-\d/)
  expect((await Patient.find().one())?.ssn).toBe('secret-5')
  expect((await Patient.find().one())?.doctor?.code).toBe('secret-2')
})

test('B5: an entry of the audit has before and after, tells bulk and restore, and knows the id as it is', async () => {
  const note = await Note.create({ text: 'one' })
  note.text = 'two'
  await note.save()
  await Note.updateMany({ text: 'two' }, { $set: { text: 'three' } })
  await note.reload()
  await note.delete()
  await note.restore()
  await note.hardDelete()
  const entries = await note.history()
  expect(entries.map(entry => entry.operation)).toEqual(['insert', 'update', 'update', 'delete', 'restore', 'delete'])
  expect(entries.slice(1, 3).map(entry => entry.changes.text)).toEqual([
    { from: 'one', to: 'two' },
    { from: 'two', to: 'three' },
  ])
  expect(entries.every(entry => note._id.equals(entry.documentId as ObjectId))).toBe(true)
})

test('B6: no way of reading or writing leaks what is deleted, and deleting again does not move the time', async () => {
  const note = await Note.create({ text: 'gone' })
  await note.delete()
  const at = note.deletedAt
  await expect(Note.get(note._id)).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
  expect([
    await Note.findOne(note._id),
    await Note.count(),
    (await Note.distinct('text')).length,
    (await Note.aggregate([])).length,
    (await Note.updateMany({ text: 'gone' }, { $set: { text: 'x' } })).matchedCount,
    (await Note.deleteMany({ text: 'gone' })).deletedCount,
    await Note.count({ deletedAt: { $ne: null } }),
  ]).toEqual([null, 0, 0, 0, 0, 0, 0])
  await expect(Note.find().deleteMany()).rejects.toMatchObject({ code: 'EMPTY_FILTER_REFUSED' })
  await expect(note.delete()).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
  expect((await Note.find().includeDeleted().one())?.deletedAt).toEqual(at)
})

test('B7: what somebody deleted cannot be saved, nor what was never stored be updated or deleted', async () => {
  const post = await Post.create({ title: 'a', author: ada })
  await (await Post.get(post._id)).delete()
  post.title = 'b'
  const unsaved = new Post({ title: 'new', author: ada })
  const writes = [() => post.save(), () => unsaved.update({ $set: { title: 'x' } }), () => unsaved.delete()]
  for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'DOCUMENT_NOT_FOUND' })
  expect(await raw(Post)).toEqual([])
})

describe('B8: changes', () => {
  test('in place are seen, in lists, records and embedded documents; the same value is none', async () => {
    const post = await Post.create({ title: 'a', author: ada, meta: { votes: 1 }, comments: [{ by: ada, text: 'x' }] })
    post.title = 'a'
    expect(post.isDirty()).toBe(false)
    post.tags.push('new')
    post.meta.votes = 2
    post.comments[0]!.text = 'y'
    expect(Object.keys(post.changes()).sort()).toEqual(['comments.0.text', 'meta.votes', 'tags'])
    await post.save()
    expect((await raw(Post))[0]).toMatchObject({ tags: ['new'], meta: { votes: 2 }, comments: [{ text: 'y' }] })
  })

  test('that do not fit are never saved', async () => {
    const post = await Post.create({ title: 'a', author: ada })
    Object.assign(post, { title: 7 })
    await expect(post.save()).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    expect((await Post.get(post._id)).title).toBe('a')
    await expect(post.update({ $set: { id: 'x' } })).rejects.toMatchObject({ code: 'UNKNOWN_PATH' })
  })
})

test('B9: pages by cursor follow any sort, keep the filter of the user, and stand still on ties', async () => {
  const made = await Post.insertMany(['b', 'a', 'b', 'c', 'a'].map(title => ({ title, author: ada })))
  const wanted = { _id: { $in: made.slice(0, 4).map(post => post._id) } }
  const first = await Post.find(wanted).sort('-title').after(null, { limit: 3 })
  const second = await Post.find(wanted).sort('-title').after(first.next, { limit: 3 })
  expect([first, second].map(page => page.items.map(post => post.title).join())).toEqual(['c,b,b', 'a'])
  expect(second.hasMore).toBe(false)
  expect((await Post.find().page({ page: 9, size: 2 })).hasPrevious).toBe(true)
})

test('B10: a missing target is told from one not loaded, a wrong path is refused, a populated reference saves as its id', async () => {
  const post = await Post.create({ title: 'a', author: ada, reviewer: bob })
  await bob.delete()
  expect((await Post.find().populate('reviewer').one())?.reviewer).toBeNull()
  await ada.delete()
  await expect(Post.find().populate('author').one()).rejects.toMatchObject({ code: 'REFERENCE_MISSING' })
  expect(() => Post.find().populate('author.nam' as never)).toThrow(/nam/)
  const eve = await User.create({ name: 'Eve' })
  await post.update({ $set: { author: eve } })
  const loaded = await (await Post.get(post._id)).populate('author')
  loaded.title = 'b'
  await loaded.save()
  expect((await raw(Post))[0]!.author).toEqual(eve._id)
})

test('B11: hooks tell an insert from a save, what they break is refused, and a changed password is never stored', async () => {
  class Login extends model('PyLogin', { hash: z.string().optional(), password: transient(z.string().min(8)) }) {
    events: string[] = []
    override preSave() {
      if (this.isDirty('password')) this.hash = `#${this.password?.length}`
    }
    override postSave({ created }: { readonly created: boolean }) {
      this.events.push(created ? 'inserted' : 'saved')
    }
  }
  const login = await Login.create({ password: 'first-password' })
  login.password = 'another-password'
  await login.save()
  expect(login.events).toEqual(['inserted', 'saved'])
  expect(login.hash).toBe('#16')
  expect(JSON.stringify(await raw(Login))).not.toContain('password')
})

test('B12: filters are ANDed, also two of $or and two of one key', async () => {
  await Post.insertMany(['a', 'b', 'c'].map(title => ({ title, author: ada })))
  const query = Post.find({ $or: [{ title: 'a' }, { title: 'b' }] }).find({ $or: [{ title: 'b' }, { title: 'c' }] })
  expect((await query.all()).map(post => post.title)).toEqual(['b'])
  expect(await Post.find({ title: 'a' }).find({ title: 'b' }).count()).toBe(0)
})

test('B13: listeners hear of every command, and one that throws breaks nothing', async () => {
  const heard: string[] = []
  const stop = onQuery(({ operation }) => {
    heard.push(operation)
    throw new Error('mine')
  })
  const note = await auditContext.run({ userId: 'ada' }, () => Note.create({ text: 'a' }))
  await note.delete()
  await note.restore()
  await Post.find().populate('author').explain()
  for await (const _ of Note.find());
  stop()
  expect(await Note.count()).toBe(1)
  expect(heard).toEqual(['insert', 'findAndModify', 'find', 'findAndModify', 'explain', 'find', 'find'])
})

test('B14: what the documentation of Pygoose promises is there', async () => {
  const post = await Post.create({ title: 'a', author: ada })
  expect(await post.save()).toBe(post)
  expect(await Post.updateMany({ title: 'a' }, { $set: { title: 'b' } })).toEqual({ matchedCount: 1, modifiedCount: 1 })
  const page = await Post.find().page({ skip: 0, limit: 10 })
  expect(page).toMatchObject({ total: 1, page: 1, size: 10, pages: 1, hasNext: false, hasPrevious: false })
  expect(await Note.find().includeDeleted().count()).toBe(0)
  expect(await Post.deleteMany({ title: 'b' })).toEqual({ deletedCount: 1 })
})

describe('what its own tests ask', () => {
  test('a hook of a class runs after that of the class it extends, when it calls it', async () => {
    const order: string[] = []
    class Base extends model('PyBase', { n: z.int() }) {
      override preSave() {
        order.push('base')
      }
    }
    class Derived extends Base {
      override preSave() {
        super.preSave()
        order.push('derived')
      }
    }
    await Derived.create({ n: 1 })
    expect(order).toEqual(['base', 'derived'])
  })

  test('a lazy reference knows its id, resolves, and stays itself', async () => {
    const post = await Post.create({ title: 'a', author: ada })
    const loaded = await Post.get(post._id)
    expect(loaded.author._id).toEqual(ada._id)
    expect((await loaded.author.load()).name).toBe('Ada')
    const populated = await loaded.populate('author')
    const author = populated.author
    expect((await loaded.populate('author')).author).toBe(author)
    expect(JSON.parse(JSON.stringify(await Post.get(post._id))).author).toBe(String(ada._id))
  })

  test('two references to one document are one document, and a circle ends', async () => {
    const [one, two] = await Post.insertMany([
      { title: 'one', author: ada },
      { title: 'two', author: ada },
    ])
    one!.parent = two!
    two!.parent = one!
    await Promise.all([one!.save(), two!.save()])
    const posts = await Post.find().sort('title').populate('author').populate('parent.parent').all()
    expect(posts[0]?.author).toBe(posts[1]?.author)
    expect(posts[0]?.parent?.parent?.title).toBe('one')
    expect(() => Post.find().populate('parent.parent.parent.parent.parent.parent')).toThrow(/parent/)
  })

  test('an update of a field that does not exist names it, and a query by an encrypted value finds nothing in clear', async () => {
    const post = await Post.create({ title: 'a', author: ada })
    await expect(post.update({ $set: { titel: 'b' } })).rejects.toMatchObject({
      code: 'UNKNOWN_PATH',
      hint: expect.stringContaining('title'),
    })
    await Patient.create({ name: 'Eve', ssn: '123' })
    await expect(Patient.find({ ssn: '123' } as never).count()).rejects.toMatchObject({ code: 'INVALID_FILTER' })
  })
})
