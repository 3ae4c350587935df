import { auditContext, DocumentNotFound, model, ref, softDelete, timestamps, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('softdelete')

class Author extends model(
  'SoftAuthor',
  { name: z.string() },
  { plugins: [softDelete({ cascade: [{ model: () => Book, by: 'author' }] })] },
) {}
class Book extends model(
  'SoftBook',
  { title: z.string(), author: ref(() => Author).optional() },
  { plugins: [softDelete({ cascade: [{ model: () => Review, by: 'book' }] }), timestamps()] },
) {}
class Review extends model(
  'SoftReview',
  { text: z.string(), book: ref(() => Book) },
  { plugins: [timestamps(), softDelete({ field: 'removedAt' })] },
) {}

let alive: Book
let dead: Book
beforeEach(async () => {
  ;[alive, dead] = (await Book.insertMany([{ title: 'alive' }, { title: 'dead' }])) as [Book, Book]
  await dead.delete()
})

const titles = (books: readonly { readonly title: string }[]) => books.map(book => book.title).sort()

describe('a soft-deleted document', () => {
  test('stays in the database, marked with when, who and in which operation', async () => {
    await auditContext.run({ userId: 'ada', op: 'op_1' }, () => alive.delete())
    const stored = await (await Book.collection()).findOne({ _id: alive._id })
    expect(stored).toMatchObject({ title: 'alive', deletion: { by: 'ada', op: 'op_1' } })
    expect(stored?.deletedAt).toBeInstanceOf(Date)
    expect(alive.deletedAt).toEqual(stored?.deletedAt)
    expect(alive.isDirty()).toBe(false)
    expect(alive.updatedAt).toEqual(stored?.updatedAt)
  })

  test('is not found on any path', async () => {
    const all = [dead._id, alive._id]
    await expect(Book.get(dead._id)).rejects.toThrow(DocumentNotFound)
    expect(await Book.findOne(dead._id)).toBeNull()
    expect(await Book.findOne({ title: 'dead' })).toBeNull()
    expect(titles(await Book.find().all())).toEqual(['alive'])
    expect(titles(await Book.find({ _id: { $in: all } }).all())).toEqual(['alive'])
    expect(await Book.find({ title: 'dead' }).first()).toBeNull()
    expect(await Book.find({ title: 'dead' }).one()).toBeNull()
    expect(await Book.count()).toBe(1)
    expect(await Book.exists({ title: 'dead' })).toBe(false)
    expect(await Book.distinct('title')).toEqual(['alive'])
    expect((await Book.find().page()).total).toBe(1)
    expect((await Book.find().after()).items).toHaveLength(1)
    expect((await Book.find().before()).items).toHaveLength(1)
    for await (const book of Book.find()) expect(book.title).toBe('alive')
    expect(await Book.aggregate([{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([{ _id: null, n: 1 }])
    expect(await Book.updateMany({ title: 'dead' }, { $set: { title: 'changed' } })).toMatchObject({ matchedCount: 0 })
    expect(await Book.deleteMany({ title: 'dead' })).toEqual({ deletedCount: 0 })
    expect(JSON.stringify(await Book.find().explain())).toContain('deletedAt')
  })

  test('is not joined by aggregate, nor populated', async () => {
    const author = await Author.create({ name: 'Ada' })
    const book = await Book.create({ title: 'hers', author })
    await Book.create({ title: 'other', author }).then(other => other.delete())
    const joined = await Author.aggregate([
      { $lookup: { from: Book.definition.collection, localField: '_id', foreignField: 'author', as: 'books' } },
    ])
    expect(joined[0]?.books).toHaveLength(1)
    const united = await Author.aggregate([{ $unionWith: { coll: Book.definition.collection } }])
    expect(united).toHaveLength(3)
    await (await Author.collection()).updateOne({ _id: author._id }, { $set: { deletedAt: new Date() } })
    expect((await Book.find({ _id: book._id }).populate('author').first())?.author).toBeNull()
  })

  test('is found when asked for', async () => {
    expect(titles(await Book.find().includeDeleted().all())).toEqual(['alive', 'dead'])
    expect(titles(await Book.find().onlyDeleted().all())).toEqual(['dead'])
    expect(titles(await Book.findDeleted().all())).toEqual(['dead'])
    expect(await Book.find().includeDeleted().count()).toBe(2)
  })

  test('a filter on the mark is ANDed with the scope', async () => {
    expect(await Book.count({ deletedAt: { $ne: null } })).toBe(0)
    expect(
      await Book.find({ deletedAt: { $ne: null } })
        .includeDeleted()
        .count(),
    ).toBe(1)
  })

  test('cannot be deleted again: the time stays', async () => {
    const at = dead.deletedAt
    await expect(dead.delete()).rejects.toThrow(DocumentNotFound)
    expect((await Book.findDeleted().first())?.deletedAt).toEqual(at)
  })

  test('comes back by restore, and keeps edits that were not saved', async () => {
    const found = (await Book.findDeleted().first())!
    found.title = 'edited'
    await found.restore()
    expect(found.deletedAt).toBeNull()
    expect(found.deletion).toBeUndefined()
    expect(Object.keys(found.changes())).toEqual(['title'])
    expect(titles(await Book.find().all())).toEqual(['alive', 'dead'])
    await expect(alive.restore()).rejects.toThrow(DocumentNotFound)
  })

  test('is gone after hardDelete', async () => {
    await dead.hardDelete()
    expect(await Book.find().includeDeleted().count()).toBe(1)
  })

  test('can be reloaded and saved', async () => {
    const found = (await Book.findDeleted().first())!
    found.title = 'still dead'
    await found.save()
    expect((await found.reload()).title).toBe('still dead')
    expect(await Book.count()).toBe(1)
  })
})

describe('a document that was read before somebody deleted it', () => {
  test('cannot be saved or updated: that is an error, and the edit stays', async () => {
    const read = await Book.get(alive._id)
    await alive.delete()
    read.title = 'changed'
    await expect(read.save()).rejects.toThrow(DocumentNotFound)
    await expect(read.update({ $set: { title: 'changed' } })).rejects.toThrow(DocumentNotFound)
    expect(read.isDirty('title')).toBe(true)
    expect((await Book.findDeleted({ title: 'alive' }).all()).length).toBe(1)
    await alive.restore()
    await read.save()
    expect(titles(await Book.find().all())).toEqual(['changed'])
  })

  test('brings back all that went with it', async () => {
    const author = await Author.create({ name: 'Ada' })
    await Book.create({ title: 'hers', author })
    const read = await Author.get(author._id)
    await author.delete()
    read.name = 'Countess'
    await read.restore()
    expect(titles(await Book.find({ author }).all())).toEqual(['hers'])
    expect([read.deletedAt, Object.keys(read.changes())]).toEqual([null, ['name']])
  })
})

describe('many at once', () => {
  test('deleteMany marks, in one operation', async () => {
    await Book.insertMany([{ title: 'x' }, { title: 'x' }])
    expect(await Book.deleteMany({ title: 'x' })).toEqual({ deletedCount: 2 })
    const marked = await Book.findDeleted({ title: 'x' }).all()
    expect(marked).toHaveLength(2)
    expect(new Set(marked.map(book => book.deletion?.op)).size).toBe(1)
    expect(await (await Book.collection()).countDocuments()).toBe(4)
  })

  test('without a filter it is refused, though the scope is one', async () => {
    await expect(Book.deleteMany({})).rejects.toThrow('without a filter')
    expect(await Book.deleteMany({}, { all: true })).toEqual({ deletedCount: 1 })
  })
})

describe('a cascade', () => {
  test('takes dependents along, and restore brings back exactly those', async () => {
    const author = await Author.create({ name: 'Ada' })
    const [one, two] = await Book.insertMany([
      { title: 'one', author },
      { title: 'two', author },
    ])
    await Review.insertMany([
      { text: 'a', book: one! },
      { text: 'b', book: two! },
    ])
    await two!.delete()
    await author.delete()
    expect(await Book.count({ author })).toBe(0)
    expect(await Review.count()).toBe(0)
    await author.restore()
    expect(titles(await Book.find({ author }).all())).toEqual(['one'])
    expect((await Review.find().all()).map(review => review.text)).toEqual(['a'])
    expect((await Review.findDeleted().all()).map(review => review.text)).toEqual(['b'])
  })
})

test('a model without soft delete refuses by name', async () => {
  class Plain extends model('SoftPlain', { name: z.string() }) {}
  const plain = await Plain.create({ name: 'x' })
  expect(() => Plain.findDeleted()).toThrow('SoftPlain has no soft delete')
  await expect((plain as unknown as Book).restore()).rejects.toThrow('SoftPlain has no soft delete')
  await plain.delete()
  expect(await (await Plain.collection()).countDocuments()).toBe(0)
})

test('a model may be called Document, and have its plugins in any order', async () => {
  class Document extends model('Document', { name: z.string() }, { plugins: [timestamps(), softDelete()] }) {}
  class Other extends model('SoftOther', { name: z.string() }, { plugins: [softDelete(), timestamps()] }) {}
  for (const each of [await Document.create({ name: 'x' }), await Other.create({ name: 'x' })]) {
    expect(each.createdAt).toBeInstanceOf(Date)
    await each.delete()
  }
  expect([await Document.count(), await Document.find().onlyDeleted().count()]).toEqual([0, 1])
  expect([await Other.count(), await Other.find().onlyDeleted().count()]).toEqual([0, 1])
})
