// Options of a model about what is stored and not declared, or does not fit: strict and validateOnRead.
import { model, ref, type ValidationFailed, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('strict')

const fields = {
  title: z.string(),
  source: z.object({ name: z.string(), words: z.int() }).optional(),
  lines: z.array(z.object({ text: z.string() })).default([]),
  extra: z.looseObject({ known: z.string() }).optional(),
}
class Strict extends model('StrictPost', fields, { strict: true, collection: 'posts' }) {}
class Lenient extends model('LenientPost', fields, { collection: 'posts' }) {}

const old = {
  _id: 1 as never,
  title: 'Streams',
  legacy: { votes: 3 },
  source: { name: 'wire', checked: true, words: 4 },
  lines: [{ text: 'a', by: 'ada' }, { text: 'b', by: 'bob' }, { text: 'c' }],
  extra: { known: 'x', more: 1 },
}
const stored = async () => (await Lenient.collection()).findOne({ _id: 1 as never })
beforeEach(async () => {
  await (await Lenient.collection()).insertOne({ ...old })
})

describe('what is stored and not declared', () => {
  test('is left out by a strict model, in embedded documents too, where those are not loose', async () => {
    const post = (await Strict.findOne({ title: 'Streams' }))!
    expect(post.toObject()).toEqual({
      _id: 1,
      title: 'Streams',
      source: { name: 'wire', words: 4 },
      lines: [{ text: 'a' }, { text: 'b' }, { text: 'c' }],
      extra: { known: 'x', more: 1 },
    })
    expect(post.isDirty()).toBe(false)
    for await (const one of Strict.find()) expect(Object.keys(one.toObject())).not.toContain('legacy')
    await post.reload()
    expect(post.toObject()).not.toHaveProperty('legacy')
  })

  test('is there with other models', async () => {
    const post = (await Lenient.find().first())!
    expect(post.toObject()).toEqual(old)
    expect(post.isDirty()).toBe(false)
  })

  test.each([
    ['strict', Strict],
    ['other', Lenient],
  ] as const)('survives saves of %s models, beside and around what they change', async (_, Post) => {
    const post = (await Post.find().first())!
    post.title = 'Rivers'
    post.source!.words = 5
    post.lines[1]!.text = 'B'
    await post.save()
    expect(await stored()).toEqual({
      ...old,
      title: 'Rivers',
      source: { name: 'wire', checked: true, words: 5 },
      lines: [{ text: 'a', by: 'ada' }, { text: 'B', by: 'bob' }, { text: 'c' }],
    })
    expect(Object.keys((await stored())!.source)).toEqual(['name', 'checked', 'words'])

    post.lines.shift()
    post.lines.push({ text: 'd' })
    await post.save()
    expect((await stored())?.lines).toEqual([{ text: 'B', by: 'bob' }, { text: 'c' }, { text: 'd' }])
    expect(post.isDirty()).toBe(false)

    post.source = { words: 1, name: 'new' }
    await post.save()
    expect((await stored())?.source).toEqual({ words: 1, name: 'new', checked: true })
  })

  test('strict goes for variants as well', async () => {
    class Shape extends model('StrictShape', { area: z.number() }, { strict: true }) {}
    class Circle extends Shape.variant('circle', { radius: z.number() }) {}
    await Circle.create({ area: 3, radius: 1 })
    await (await Shape.collection()).updateMany({}, { $set: { colour: 'red' } })
    const shape = await Shape.find().first()
    expect(shape).toBeInstanceOf(Circle)
    expect((shape as Circle).radius).toBe(1)
    expect(shape?.toObject()).not.toHaveProperty('colour')
  })
})

describe('a model with validateOnRead', () => {
  class Author extends model('CheckedAuthor', { name: z.string().min(2) }, { validateOnRead: true }) {}
  class Book extends model('CheckedBook', { title: z.string(), author: ref(() => Author) }) {}
  let id: Author['_id']

  beforeEach(async () => {
    const author = await Author.create({ name: 'Ada' })
    id = author._id
    await Book.create({ title: 'Notes', author })
  })
  const spoil = async () => (await Author.collection()).updateOne({ _id: id }, { $set: { name: 1 } })

  test('gives documents that fit', async () => {
    expect((await Author.get(id)).name).toBe('Ada')
    expect((await Book.find().populate('author').first())?.author.name).toBe('Ada')
  })

  test('refuses one that does not, on every way of reading, naming model and id', async () => {
    const author = await Author.get(id)
    await spoil()
    const ways: Record<string, () => Promise<unknown>> = {
      get: () => Author.get(id),
      all: () => Author.find().all(),
      iteration: async () => {
        for await (const _ of Author.find());
      },
      page: () => Author.find().page(),
      cursor: () => Author.find().sort('name').after(),
      populate: () => Book.find().populate('author').all(),
      reload: () => author.reload(),
    }
    for (const [name, read] of Object.entries(ways)) {
      const error = (await read().catch(refused => refused)) as ValidationFailed
      expect(`${name}: ${error.code} ${error.message}`).toMatch(
        new RegExp(`^${name}: VALIDATION_FAILED CheckedAuthor ${id} is not valid: name: .*string`),
      )
      expect(error.issues.map(({ path }) => path)).toEqual(['name'])
    }
  })

  test('misses nothing that was not asked for, and validate() lists what does not fit', async () => {
    await spoil()
    expect(await Author.find().select('_id').all()).toHaveLength(1)
    expect((await Author.validate()).map(found => found._id)).toEqual([id])
  })
})
