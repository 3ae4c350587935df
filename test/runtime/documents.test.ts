import {
  connection,
  DocumentNotFound,
  model,
  ObjectId,
  ref,
  secret,
  timestamps,
  transient,
  UUID,
  uuid,
  ValidationFailed,
  z,
} from 'goose-odm'
import { describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('documents')

class Writer extends model('DocWriter', { name: z.string().min(1), bio: z.string().default('') }) {
  get label() {
    return `${this.name}!`
  }
}
class Story extends model(
  'DocStory',
  {
    title: z.string(),
    writer: ref(() => Writer),
    tags: z.array(z.string()).default([]),
    meta: z.object({ score: z.number(), lang: z.string().optional() }).optional(),
    notes: z.array(z.object({ by: ref(() => Writer), text: z.string() })).default([]),
    extra: z.record(z.string(), z.unknown()).optional(),
  },
  { plugins: [timestamps()] },
) {}

class Label extends model('DocLabel', { _id: z.string() }) {}
class Place extends model('DocPlace', { _id: z.int() }) {}
class Device extends model('DocDevice', { _id: uuid() }) {}
class Link extends model('DocLink', { label: ref(() => Label), place: ref(() => Place), device: ref(() => Device) }) {}

const stored = async (id: unknown) => (await Story.collection()).findOne({ _id: id as never })
const story = async (fields: object = {}) => {
  const writer = await Writer.create({ name: 'Ada' })
  return Story.create({ title: 'one', writer, ...fields })
}

describe('creating', () => {
  test('a created document has an id, its defaults and the getters of its class', async () => {
    const writer = await Writer.create({ name: 'Ada' })
    expect(writer._id).toBeInstanceOf(ObjectId)
    expect(writer.bio).toBe('')
    expect(writer.label).toBe('Ada!')
    expect(writer.isNew).toBe(false)
    expect(await Writer.count()).toBe(1)
  })

  test('a reference given as document, id, text or reference is stored as an ObjectId', async () => {
    const writer = await Writer.create({ name: 'Ada' })
    for (const given of [writer, writer._id, writer._id.toHexString(), Writer.ref(writer._id)]) {
      const { _id } = await Story.create({ title: 'x', writer: given, notes: [{ by: given, text: 'n' }] })
      const found = await stored(_id)
      expect(found?.writer).toBeInstanceOf(ObjectId)
      expect(found?.notes[0].by).toBeInstanceOf(ObjectId)
      expect(found?.writer.equals(writer._id)).toBe(true)
    }
  })

  test('what does not fit is refused with every path, and nothing is stored', async () => {
    const attempt = Story.create({ title: 5, writer: 'nobody', notes: [{ text: 'x' }] } as never)
    const error = await attempt.catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ValidationFailed)
    expect((error as ValidationFailed).issues.map(issue => issue.path)).toEqual(['title', 'writer', 'notes.0.by'])
    expect(await Story.count()).toBe(0)
  })

  test('a reference takes keys of the type that its target has, and no other', async () => {
    for (const wrong of ['nobody', 5, true, { _id: 'nobody' }])
      await expect(Story.create({ title: 'x', writer: wrong, notes: [] } as never)).rejects.toThrow('writer')
    const hex = new ObjectId().toHexString()
    const { _id } = await Story.create({ title: 'x', writer: { _id: hex }, notes: [] } as never)
    expect((await stored(_id))?.writer).toEqual(new ObjectId(hex))

    const token = '11111111-2222-4333-8444-555555555555'
    const link = await Link.create({ label: hex, place: 7, device: token } as never)
    expect(await (await Link.collection()).findOne()).toMatchObject({ label: hex, place: 7, device: new UUID(token) })
    expect(await Link.count({ label: hex, place: 7, device: token } as never)).toBe(1)
    await expect(Link.create({ label: 5, place: 7, device: token } as never)).rejects.toThrow('label')
    await expect(Link.create({ label: 'a', place: 'x', device: token } as never)).rejects.toThrow('place')
    await expect(Link.create({ label: 'a', place: 7, device: 'x' } as never)).rejects.toThrow('device')
    await expect(Link.updateMany({ _id: link._id }, { $set: { place: 'x' } } as never)).rejects.toThrow('place')
  })

  test('text that can be no id is the id of no document', async () => {
    await expect(Story.get('nobody' as never)).rejects.toThrow(DocumentNotFound)
    expect(await Story.findOne('nobody' as never)).toBeNull()
    expect(await Place.findOne('nobody' as never)).toBeNull()
  })

  test('a document of another model is no reference', async () => {
    const other = await story()
    await expect(Story.create({ title: 'x', writer: other as never })).rejects.toThrow(
      'expected DocWriter, got DocStory',
    )
  })

  test('insertMany stores all with one command', async () => {
    const writers = await Writer.insertMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    expect(writers.map(writer => writer.label)).toEqual(['a!', 'b!', 'c!'])
    expect(await Writer.find().sort('name').distinct('name')).toEqual(['a', 'b', 'c'])
  })

  test('a declared _id of another type is used', async () => {
    class Country extends model('DocCountry', { _id: z.string(), name: z.string() }) {}
    await Country.create({ _id: 'de', name: 'Germany' })
    expect((await Country.get('de')).name).toBe('Germany')
  })
})

describe('saving', () => {
  test('a new or loaded document is clean, and saving it sends nothing', async () => {
    const found = await Story.get((await story())._id)
    expect(found.isDirty()).toBe(false)
    const before = found.updatedAt
    await found.save()
    expect(found.updatedAt).toBe(before)
  })

  test('only what changed is sent: nested paths, appended elements, removed fields', async () => {
    const found = await Story.get((await story({ tags: ['a'], meta: { score: 1, lang: 'en' } }))._id)
    found.tags.push('b')
    found.meta!.score = 2
    delete found.meta!.lang
    expect(found.changes()).toEqual({
      tags: { from: ['a'], to: ['a', 'b'] },
      'meta.score': { from: 1, to: 2 },
      'meta.lang': { from: 'en', to: undefined },
    })
    await (await Story.collection()).updateOne({ _id: found._id }, {
      $set: { title: 'by another' },
      $push: { tags: 'c' },
    } as never)
    await found.save()
    expect(await stored(found._id)).toMatchObject({ title: 'by another', tags: ['a', 'c', 'b'], meta: { score: 2 } })
  })

  test('an edit inside an element of a list is found', async () => {
    const writer = await Writer.create({ name: 'Ada' })
    const found = await story({
      notes: [
        { by: writer, text: 'old' },
        { by: writer, text: 'kept' },
      ],
    })
    found.notes[0]!.text = 'new'
    expect(Object.keys(found.changes())).toEqual(['notes.0.text'])
    await found.save()
    expect((await stored(found._id))?.notes.map((note: { text: string }) => note.text)).toEqual(['new', 'kept'])
  })

  test('keys with dots and dollars survive', async () => {
    const found = await story({ extra: { 'a.b': 1, $c: 2 } })
    found.extra!['a.b'] = 3
    await found.save()
    expect((await Story.get(found._id)).extra).toEqual({ 'a.b': 3, $c: 2 })
  })

  test('the same value again is no change', async () => {
    const found = await story({ tags: ['a'], meta: { score: 1 } })
    found.tags = ['a']
    found.meta = { score: 1 }
    found.writer = Writer.ref(found.writer._id)
    expect(found.isDirty()).toBe(false)
  })

  test('stored fields that the model does not know survive a save', async () => {
    const { _id } = await story()
    await (await Story.collection()).updateOne({ _id }, { $set: { legacy: { deep: true } } })
    const found = await Story.get(_id)
    found.title = 'two'
    await found.save()
    expect(await stored(_id)).toMatchObject({ title: 'two', legacy: { deep: true } })
  })

  test('an invalid assignment is never saved', async () => {
    const found = await story()
    found.title = 5 as never
    await expect(found.save()).rejects.toThrow(ValidationFailed)
    expect((await stored(found._id))?.title).toBe('one')
    expect(found.isDirty('title')).toBe(true)
  })

  test('saving what somebody deleted is an error', async () => {
    const found = await story()
    await (await Story.get(found._id)).delete()
    found.title = 'two'
    await expect(found.save()).rejects.toThrow(DocumentNotFound)
    expect(await Story.count()).toBe(0)
  })

  test('a populated reference is saved as its id', async () => {
    const found = await Story.get((await story())._id)
    const loaded = await found.populate('writer')
    expect(loaded.writer.label).toBe('Ada!')
    loaded.title = 'two'
    await loaded.save()
    expect((await stored(found._id))?.writer).toBeInstanceOf(ObjectId)
  })

  test('timestamps: a save moves updatedAt and leaves createdAt', async () => {
    const found = await story()
    expect(found.createdAt).toEqual(found.updatedAt)
    const created = found.createdAt
    await new Promise(resolve => setTimeout(resolve, 5))
    found.title = 'two'
    await found.save()
    expect(found.createdAt).toBe(created)
    expect(found.updatedAt.getTime()).toBeGreaterThan(created.getTime())
    expect((await stored(found._id))?.updatedAt).toEqual(found.updatedAt)
  })
})

describe('deleting and reloading', () => {
  test('a deleted document is gone, and deleting it again is an error', async () => {
    const found = await story()
    await found.delete()
    expect(await Story.findOne(found._id)).toBeNull()
    await expect(found.delete()).rejects.toThrow(DocumentNotFound)
  })

  test('reload drops what was changed in memory', async () => {
    const found = await story()
    found.title = 'changed'
    found.extra = { a: 1 }
    await found.reload()
    expect(found.title).toBe('one')
    expect(found.extra).toBeUndefined()
    expect(found.isDirty()).toBe(false)
  })

  test('reloading what is gone is an error', async () => {
    const found = await story()
    await connection().db.collection(Story.definition.collection).deleteMany({})
    await expect(found.reload()).rejects.toThrow(`no DocStory with _id ${found._id}`)
  })
})

describe('secret and transient fields', () => {
  class Login extends model('DocLogin', {
    name: z.string(),
    passwordHash: secret(z.string()).optional(),
    password: transient(z.string().min(8)),
  }) {
    override async preSave() {
      if (this.isDirty('password') && this.password) this.passwordHash = `hashed ${this.password.length}`
    }
  }

  test('a transient field is required, seen by hooks, never stored and gone after the save', async () => {
    await expect(Login.create({ name: 'a' } as never)).rejects.toThrow('password: is required')
    const login = await Login.create({ name: 'a', password: '12345678' })
    expect(login.password).toBeUndefined()
    expect(await (await Login.collection()).findOne({})).toEqual({
      _id: login._id,
      name: 'a',
      passwordHash: 'hashed 8',
    })
  })

  test('a secret field inside an object or a list is not in JSON either', () => {
    const key = z.object({ name: z.string(), token: secret(z.string()) })
    class Ring extends model('DocRing', {
      first: key,
      all: z.array(key),
      loose: z.looseObject({ pin: secret(z.string()) }),
    }) {}
    const held = { name: 'a', token: 'hidden' }
    const ring = new Ring({ first: held, all: [held], loose: { pin: 'hidden', more: 1 } })
    expect(JSON.parse(JSON.stringify(ring))).toEqual({
      _id: ring._id.toHexString(),
      first: { name: 'a' },
      all: [{ name: 'a' }],
      loose: { more: 1 },
    })
  })

  test('a save of a transient field alone runs the hooks', async () => {
    await Login.create({ name: 'a', password: '12345678' })
    const login = (await Login.find().first())!
    expect(login.isDirty()).toBe(false)
    login.password = '1234567890'
    await login.save()
    expect((await Login.find().first())?.passwordHash).toBe('hashed 10')
    login.password = 'short'
    await expect(login.save()).rejects.toThrow(ValidationFailed)
  })

  test('JSON holds neither', async () => {
    const login = new Login({ name: 'a', password: '12345678', passwordHash: 'h' })
    expect(JSON.parse(JSON.stringify(login))).toEqual({ _id: login._id.toHexString(), name: 'a' })
  })
})

describe('a class that declares a field again', () => {
  test('is told to write declare, before data are hidden', async () => {
    class Shadow extends model('DocShadow', { name: z.string() }) {
      override name!: string
    }
    await expect(Shadow.create({ name: 'x' })).rejects.toThrow('its class declares "name" again')
    await (await Shadow.collection()).insertOne({ name: 'x' })
    await expect(Shadow.find().all()).rejects.toThrow('its class declares "name" again')
    class Declared extends model('DocDeclared', { name: z.string() }) {
      declare name: string
    }
    expect((await Declared.create({ name: 'x' })).name).toBe('x')
  })
})

describe('what is stored and does not fit', () => {
  test('is readable, found by validate(), and not lost by a save of another field', async () => {
    const collection = await Writer.collection()
    await collection.insertMany([{ name: 5, bio: 'kept' }, { name: 'fits' }] as never)
    const [finding, ...more] = await Writer.validate()
    expect(more).toEqual([])
    expect(finding?.issues.map(issue => issue.path)).toEqual(['name'])
    const wrong = await Writer.get(finding!._id as ObjectId)
    wrong.bio = 'new'
    await wrong.save()
    expect(await collection.findOne({ _id: wrong._id })).toMatchObject({ name: 5, bio: 'new' })
  })

  test('a default stands for a field that is not stored, and is no change', async () => {
    await (await Writer.collection()).insertOne({ name: 'old' })
    const old = (await Writer.findOne({ name: 'old' }))!
    expect(old.bio).toBe('')
    expect(old.isDirty()).toBe(false)
  })
})

test('a server without change streams says so', async () => {
  const error = await Writer.watch().catch(caught => caught)
  expect(error.message).toBe('watch() is not supported here: this server has no change streams')
})

describe('a default that stands for what is not stored', () => {
  class Old extends model('DocOld', {
    name: z.string(),
    tags: z.array(z.string()).default(['a']),
    size: z.object({ width: z.number(), height: z.number().optional() }).default({ width: 1, height: 2 }),
    count: z.number().default(5),
  }) {}
  const old = async () => {
    const { insertedId } = await (await Old.collection()).insertOne({ name: 'x' })
    return Old.get(insertedId)
  }
  const stored = async () => (await Old.collection()).findOne({}, { projection: { _id: 0 } })

  test('is stored as a whole when a part of it is changed', async () => {
    const document = await old()
    document.name = 'y'
    await document.save()
    document.tags.push('b')
    document.size.width = 3
    expect(document.changes()).toEqual({
      tags: { from: undefined, to: ['a', 'b'] },
      size: { from: undefined, to: { width: 3, height: 2 } },
    })
    await document.save()
    expect(await stored()).toEqual({ name: 'y', tags: ['a', 'b'], size: { width: 3, height: 2 } })
    expect(document.isDirty()).toBe(false)
  })

  test('is nothing that somebody else could have changed', async () => {
    const document = await old()
    document.count = 6
    await document.save({ ifUnchanged: true })
    expect(await stored()).toEqual({ name: 'x', count: 6 })
    const other = await old()
    await (await Old.collection()).updateOne({ _id: other._id }, { $set: { count: 5 } })
    other.count = 7
    await expect(other.save({ ifUnchanged: true })).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
  })

  test('leaves edits of other fields alone when an update comes between', async () => {
    const document = await old()
    document.tags.push('b')
    await document.update({ $set: { name: 'z' } })
    expect(document.tags).toEqual(['a', 'b'])
    await document.save()
    expect(await stored()).toEqual({ name: 'z', tags: ['a', 'b'] })
  })
})
