import { Binary, binary, encrypted, generateKey, model, ref, setKeys, transient, ValidationFailed, z } from 'goose-odm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('in_place')
beforeAll(() => setKeys([{ id: 'test', key: generateKey() }]))
afterAll(() => setKeys())

let conversions = 0
const shouted = z.string().transform(text => {
  conversions++
  return `${text}!`
})
class Person extends model('PlacePerson', { name: z.string() }) {}
class Note extends model('PlaceNote', {
  text: shouted,
  slug: z.string().optional(),
  at: z.date().optional(),
  tags: z.array(z.string().min(2)).default([]),
  data: binary().optional(),
  raw: z.instanceof(Uint8Array).optional(),
  place: z.object({ x: z.number(), y: z.number().optional() }).optional(),
  by: ref(() => Person).optional(),
  readers: z.array(ref(() => Person)).default([]),
  code: encrypted(z.string()).optional(),
  password: transient(shouted).optional(),
}) {}
class Slugged extends Note {
  override preSave() {
    this.slug = this.text.toLowerCase()
  }
}

const stored = async (id: unknown) => (await Note.collection()).findOne({ _id: id as never })

describe('between making a document and saving it', () => {
  test('a schema that converts is asked once', async () => {
    conversions = 0
    const note = new Note({ text: 'hey', password: 'secret', code: 'c' })
    expect([note.text, note.password]).toEqual(['hey!', 'secret!'])
    await note.save()
    expect([note.text, (await stored(note._id))?.text, conversions]).toEqual(['hey!', 'hey!', 2])
  })

  test('an edit inside a list, an object or a date is stored and validated', async () => {
    const note = new Note({ text: 'a', tags: ['ab'], place: { x: 1 }, at: new Date(0), code: 'one' })
    note.tags.push('cd')
    note.place!.y = 2
    note.at!.setFullYear(2001)
    note.code = 'two'
    await note.save()
    expect(await stored(note._id)).toMatchObject({ tags: ['ab', 'cd'], place: { x: 1, y: 2 } })
    expect((await Note.get(note._id)).at?.getFullYear()).toBe(2001)
    expect((await Note.get(note._id)).code).toBe('two')
    const wrong = new Note({ text: 'b', tags: ['ab'] })
    wrong.tags.push('c')
    await expect(wrong.save()).rejects.toThrow(ValidationFailed)
    expect(await Note.count()).toBe(1)
  })

  test('what a hook adds lies where the model has it', async () => {
    const note = await Slugged.create({ text: 'Hey', place: { x: 1 } })
    expect(Object.keys((await stored(note._id))!)).toEqual(['_id', 'text', 'slug', 'tags', 'place', 'readers'])
  })

  test('an undefined field is not stored', async () => {
    const note = await Note.create({ text: 'a', slug: undefined, place: { x: 1, y: undefined } })
    expect(await stored(note._id)).toEqual({ _id: note._id, text: 'a!', place: { x: 1 }, tags: [], readers: [] })
  })
})

describe('after a save, edits in place are seen', () => {
  test.each([
    ['a date', (note: Note) => note.at!.setFullYear(2002), 'at'],
    ['binary data', (note: Note) => note.data!.buffer.fill(9, 0, 1), 'data'],
    ['a byte array', (note: Note) => note.raw!.fill(9, 0, 1), 'raw'],
    ['a list', (note: Note) => note.tags.push('ef'), 'tags'],
    ['an object', (note: Note) => Object.assign(note.place!, { x: 5 }), 'place.x'],
  ])('%s', async (_, edit, path) => {
    const bytes = Uint8Array.of(1, 2)
    const input = {
      text: 'a',
      at: new Date(0),
      data: new Binary(Uint8Array.of(1)),
      raw: bytes,
      tags: ['ab'],
      place: { x: 1 },
    }
    const note = await Note.create(input)
    expect(note.isDirty()).toBe(false)
    edit(note)
    expect(Object.keys(note.changes())).toEqual([path])
    await note.save()
    expect(note.isDirty()).toBe(false)
    edit(note)
    expect((await Note.get(note._id)).isDirty()).toBe(false)
  })
})

test('an id assigned to a reference becomes one when it is saved', async () => {
  const ada = await Person.create({ name: 'Ada' })
  const note = await Note.create({ text: 'a' })
  Object.assign(note, { by: ada._id, readers: [ada._id.toHexString()] })
  await note.save()
  expect((await note.by!.load()).name).toBe('Ada')
  expect((await note.readers[0]!.load()).name).toBe('Ada')
  expect((await stored(note._id))?.readers).toEqual([ada._id])
})

test('a failed save leaves a new document new, with its transient value, to be saved again', async () => {
  await (await Note.collection()).createIndex({ slug: 1 }, { unique: true, sparse: true })
  await Note.create({ text: 'a', slug: 'taken' })
  const note = new Note({ text: 'b', slug: 'taken', password: 'p' })
  await expect(note.save()).rejects.toMatchObject({ code: 'DUPLICATE_KEY' })
  expect([note.isNew, note.password, note.isDirty()]).toEqual([true, 'p!', true])
  note.slug = 'free'
  await note.save()
  expect([note.isNew, note.password, (await stored(note._id))?.text]).toEqual([false, undefined, 'b!'])
})
