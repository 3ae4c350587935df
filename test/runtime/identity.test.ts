import { audit, model, ObjectId, ref, softDelete, version, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('identity')

class Member extends model('IdMember', {
  name: z.string(),
  tags: z.array(z.string()).default([]),
  address: z.object({ city: z.string(), zip: z.string().optional() }).optional(),
  lines: z.array(z.object({ text: z.string(), note: z.string().optional() })).default([]),
}) {}

let ada: Member
let bob: Member
beforeEach(async () => {
  ;[ada, bob] = (await Member.insertMany([{ name: 'Ada' }, { name: 'Bob' }])) as [Member, Member]
})
const stored = async () => (await Member.collection()).find().sort({ _id: 1 }).toArray()
const names = async () => (await stored()).map(({ name }) => name)

describe('a document that was read without its _id', () => {
  test.each(['save', 'update', 'delete', 'hardDelete', 'reload'] as const)('%s reaches no document', async way => {
    const found = await Member.find({ name: 'Bob' }).select('-_id').first()
    Object.assign(found!, { name: 'Eve' })
    const write =
      way === 'update'
        ? found!.update({ $set: { name: 'Eve' } })
        : (found as never as Record<string, () => Promise<unknown>>)[way]!()
    await expect(write).rejects.toMatchObject({
      code: 'INVALID_UPDATE',
      message: 'update of IdMember: the document was read without its _id',
    })
    expect(await names()).toEqual(['Ada', 'Bob'])
  })
})

describe('a document whose _id was changed in memory', () => {
  test.each(['save', 'delete'] as const)('%s does not reach the other document', async way => {
    Object.assign(ada, { _id: bob._id, name: 'Eve' })
    await expect(ada[way]()).rejects.toThrow('the _id of a document never changes')
    expect(await names()).toEqual(['Ada', 'Bob'])
  })

  test('an _id that is no ObjectId is refused, where the fields declare none', async () => {
    await expect(Member.create({ _id: 'five', name: 'x' })).rejects.toThrow(
      '_id: expected an ObjectId or 24 hex digits',
    )
    const document = await Member.create({ _id: '65f0a1b2c3d4e5f607182930', name: 'x' })
    expect(document._id).toBeInstanceOf(ObjectId)
  })
})

describe('two writes of one document at once', () => {
  test('are refused: what was appended is stored once', async () => {
    ada.tags.push('new')
    const [first, second] = await Promise.allSettled([ada.save(), ada.save()])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ reason: { code: 'DOCUMENT_BUSY' } })
    expect((await stored())[0]).toMatchObject({ tags: ['new'] })
    ada.tags.push('newer')
    await ada.save()
    expect((await stored())[0]).toMatchObject({ tags: ['new', 'newer'] })
  })

  test('a hook that saves its own document is told so, and one after the save may', async () => {
    class Eager extends model('IdEager', { name: z.string(), count: z.int().default(0) }) {
      override async preSave() {
        if (this.name === 'before') await this.save()
      }
      override async postSave() {
        if (this.count < 2) {
          this.count++
          await this.save()
        }
      }
    }
    await expect(Eager.create({ name: 'before' })).rejects.toMatchObject({ code: 'DOCUMENT_BUSY' })
    const after = await Eager.create({ name: 'after' })
    expect(await Eager.get(after._id)).toMatchObject({ count: 2 })
  })
})

describe('a document that was read in part', () => {
  test('keeps what was not read of a list or an object: it cannot be saved', async () => {
    await ada.update({
      $set: {
        lines: [
          { text: 'a', note: 'x' },
          { text: 'b', note: 'y' },
        ],
        address: { city: 'Bonn', zip: '1' },
      },
    })
    const part = (await Member.find({ name: 'Ada' }).select('lines.text', 'address.city').first())!
    part.lines.pop()
    await expect(part.save()).rejects.toThrow('update of IdMember: "lines" was read in part')
    const other = (await Member.find({ name: 'Ada' }).select('-address.zip').first())!
    other.address = { city: 'Trier' }
    await expect(other.save()).rejects.toThrow('"address" was read in part')
    expect((await stored())[0]).toMatchObject({ address: { zip: '1' }, lines: [{ note: 'x' }, { note: 'y' }] })
  })

  test('saves fields that it has as a whole, and those it has not read', async () => {
    const part = (await Member.find({ name: 'Ada' }).select('name').first())!
    Object.assign(part, { name: 'Ada L.', tags: ['one'] })
    await part.save()
    expect((await stored())[0]).toEqual({ _id: ada._id, name: 'Ada L.', tags: ['one'], lines: [] })
  })

  test('knows its version, whether it is deleted, and its variant', async () => {
    class Sheet extends model(
      'IdSheet',
      { name: z.string(), size: z.int().default(1) },
      { plugins: [version(), softDelete(), audit()] },
    ) {}
    class Long extends Sheet.variant('idLong', { metres: z.number() }) {
      override preSave() {
        this.size = this.metres * 2
      }
    }
    const whole = await Long.create({ name: 'a', metres: 3 })
    whole.name = 'b'
    await whole.save()
    const part = (await Sheet.find().select('name').first())!
    expect(part).toBeInstanceOf(Long)
    part.name = 'c'
    Object.assign(part, { metres: 3 })
    await part.save()
    expect(await Sheet.findOne(whole._id)).toMatchObject({ name: 'c', _v: 2 })
    const late = (await Sheet.find().select('name').first())!
    await (await Sheet.get(whole._id)).delete()
    Object.assign(late, { name: 'd', metres: 3 })
    await expect(late.save()).rejects.toThrow()
    expect(await (await Sheet.collection()).findOne()).toMatchObject({ name: 'c' })
  })

  test('reads the reference that it is to populate, and no path twice', async () => {
    class Note extends model('IdNote', {
      text: z.string(),
      by: ref(() => Member),
      at: z.object({ room: z.string(), by: ref(() => Member) }).optional(),
    }) {}
    await Note.create({ text: 'x', by: ada, at: { room: 'r', by: bob } })
    const note = await Note.find().select('text').populate('by').populate('at.by').first()
    expect(note).toMatchObject({ text: 'x', by: { name: 'Ada' }, at: { by: { name: 'Bob' } } })
    expect(await Note.find().select('-by').populate('by').first()).toMatchObject({ by: { name: 'Ada' } })
    expect(await Note.find().select('at.room at').first()).toMatchObject({ at: { room: 'r' } })
  })
})
