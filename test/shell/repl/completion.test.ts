// What Tab offers in the console: from the schema, without asking the database.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { model, ref, z } from '../../../src/index.ts'
import { adoptExports, type LoadedModel, openModels } from '../../../src/shell/models.ts'
import { Completion } from '../../../src/shell/repl/completion.ts'

class Writer extends model('Writer', { name: z.string(), address: z.object({ city: z.string(), zip: z.string() }) }) {
  static famous() {
    return Writer.find({ name: 'Ada' })
  }
}
class Story extends model('Story', {
  title: z.string(),
  state: z.enum(['draft', 'published']),
  writer: ref(() => Writer),
  isOpen: z.boolean(),
  at: z.date(),
  before: ref(() => Story).nullable(),
}) {}
adoptExports({ Writer, Story })
const models: readonly LoadedModel[] = openModels('/').filter(({ name }) => ['Writer', 'Story'].includes(name))
const scope: Record<string, unknown> = {
  models: { Writer, Story },
  open: Story.find({ title: 'x' }),
  story: new Story({
    title: 'x',
    state: 'draft',
    writer: new Writer({ name: 'a', address: { city: 'b', zip: 'c' } }),
  } as never),
  counted: {
    inner: { deep: 1 },
    get worked() {
      throw new Error('a getter was asked')
    },
  },
}
const completion = new Completion({
  desk: { models },
  names: { scope, all: () => Object.keys(scope) },
  commands: () => ['find', 'fetch', 'schema', 'tx', 'time', 'explain', 'load', 'diff'],
  commandLines: words => [[`after ${words.join('|')}`, '']],
})
const words = (line: string) => completion.of(line).words
const folder = mkdtempSync(join(tmpdir(), 'goose-completion-'))
const cwd = process.cwd()
afterAll(() => {
  process.chdir(cwd)
  rmSync(folder, { recursive: true, force: true })
})

describe('Tab in the console offers', () => {
  test('models and names, models first of all', () => {
    expect(words('Sto')).toEqual(['Story'])
    expect(words('')).toEqual(['Story', 'Writer'])
    expect(words('await Wri')).toEqual(['Writer'])
    expect(words('f(cou')).toEqual(['counted'])
    expect(words("'Sto")).toEqual([])
  })

  test('the statics of a model, inherited and its own', () => {
    expect(words('Writer.fi')).toEqual(['find', 'findDeleted', 'findOne'])
    expect(words('Writer.')).toEqual(expect.arrayContaining(['create', 'famous', 'find', 'get', 'updateMany']))
    expect(words('await Writer.fam')).toEqual(['famous'])
    expect(words('models.Writer.fam')).toEqual(['famous'])
  })

  test('the methods of a query after a call, however long the chain, and of a query that has a name', () => {
    expect(words('Story.find({}).so')).toEqual(['sort'])
    expect(words("Story.find({ title: f(1) }).sort('-title').pop")).toEqual(['populate'])
    expect(words("Story.find({ title: /it's (/ }).so")).toEqual(['sort'])
    expect(words('open.sort().li')).toEqual(['limit'])
    expect(words('(await Story.find()).x')).toEqual([])
  })

  test('fields and methods of documents', () => {
    expect(words('story.ti')).toEqual(['title'])
    expect(words('story.sa')).toEqual(['save'])
    expect(words("Story.findOne({ title: 'x' }).wri")).toEqual(['writer'])
    expect(words('story.')).not.toContain('_id_')
  })

  test('members of any value without asking its getters', () => {
    expect(words('counted.inner.de')).toEqual(['deep'])
    expect(words('counted.wor')).toEqual(['worked'])
    expect(words('counted.worked.')).toEqual([])
    expect(words('nobody.')).toEqual([])
  })

  test('the paths of the model inside of a filter; those with a dot in quotes', () => {
    expect(words('Story.find({ ti')).toEqual(['title'])
    expect(words("Writer.find({ 'address.")).toEqual(['address.city', 'address.zip'])
    expect(words('Writer.find({ addr')).toEqual(['address'])
    expect(words('Writer.find({ ')).toEqual(["'address.city'", "'address.zip'", '_id', 'address', 'name'])
    expect(words('const found = await Story.find({ title: 1, wr')).toEqual(['writer'])
    expect(words('Story.find({ $or: [{ title: 1 }, { st')).toEqual(['state'])
    expect(words('open.find({ st')).toEqual(['state'])
    expect(words('Story.find({ title: 1 }, { st')).toEqual([])
  })

  test('paths for sort and select, and only references for populate, also of what is referred to', () => {
    expect(words("Story.find().sort('-ti")).toEqual(['title'])
    expect(words('Story.find().sort({ ti')).toEqual(['title'])
    expect(words("Story.find().select('title, st")).toEqual(['state'])
    expect(words("Story.find().select('title', 'st")).toEqual(['state'])
    expect(words("Story.find().populate('")).toEqual(['before', 'writer'])
    expect(words("Story.find().populate('before.wri")).toEqual(['before.writer'])
    expect(words("Story.find().populate('before.before.w")).toEqual(['before.before.writer'])
  })

  test('operators: those of fields, of filters, of updates, and stages', () => {
    expect(words('Story.find({ title: { $re')).toEqual(['$regex'])
    expect(words('Story.find({ title: { ')).toContain('$in')
    expect(words('Story.find({ title: { $o')).toEqual([])
    expect(words('Story.find({ $o')).toEqual(['$or'])
    expect(words('Story.updateMany({ title: 1 }, { $s')).toEqual(['$set', '$setOnInsert'])
    expect(words('Story.find().updateMany({ $unse')).toEqual(['$unset'])
    expect(words('Story.updateMany({ title: 1 }, { $set: { st')).toEqual(['state'])
    expect(words('Story.aggregate([{ $ma')).toEqual(['$match'])
    expect(words('Story.aggregate([{ $match: { st')).toEqual(['state'])
    expect(words("Story.aggregate([{ $group: { _id: '$st")).toEqual(['$state'])
    expect(words('Story.aggregate([{ $group: { n: { $su')).toEqual(['$sum'])
  })

  test('fields of new documents, one inside of the other', () => {
    expect(words('Writer.create({ na')).toEqual(['name'])
    expect(words('Writer.create({ address: { ci')).toEqual(['city'])
    expect(words('Writer.insertMany([{ na')).toEqual(['name'])
  })

  test('the values of an enum, and how other values begin', () => {
    expect(words("Story.find({ state: '")).toEqual(["draft'", "published'"])
    expect(words("Story.find({ state: { $ne: 'p")).toEqual(["published'"])
    expect(words("Story.find({ state: { $in: ['draft', 'p")).toEqual(["published'"])
    expect(words('Story.find({ state: ')).toEqual(["'draft'", "'published'"])
    expect(words("Story.updateMany({ title: 1 }, { $set: { state: 'd")).toEqual(["draft'"])
    expect(words('Story.find({ isOpen: t')).toEqual(['true'])
    expect(words('Story.find({ at: { $gt: IS')).toEqual(["ISODate('"])
    expect(words('Story.find({ writer: O')).toEqual(["ObjectId('"])
  })

  test('what all candidates go on with, ahead of Tab', () => {
    expect(completion.aheadOf('Story.find({ sta')).toBe('te')
    expect(completion.aheadOf('Story.fi')).toBe('nd')
    expect(completion.aheadOf('Story.')).toBe('')
    expect(completion.aheadOf('.sch')).toBe('ema')
  })
})

describe('Tab behind a dot offers', () => {
  test('commands, models, ways of a transaction, and code', () => {
    expect(words('.fi')).toEqual(['find'])
    expect(words('.schema St')).toEqual(['Story'])
    expect(words('.tx ')).toEqual(['abort', 'commit'])
    expect(words('.diff ')).toEqual([])
    expect(words('.time Story.find({ sta')).toEqual(['state'])
    expect(words('.explain Story.find().so')).toEqual(['sort'])
    expect(words('.explain St')).toEqual(['Story'])
  })

  test('files', () => {
    writeFileSync(join(folder, 'repair.ts'), '')
    mkdirSync(join(folder, 'scripts'))
    process.chdir(folder)
    expect(words('.load re')).toEqual(['repair.ts'])
    expect(words('.load ')).toEqual(['repair.ts', 'scripts/'])
  })

  test('for the commands of goose what a shell offers', () => {
    expect(completion.of('.fetch Story --wh')).toEqual({ words: [], stem: '--wh' })
    expect(words('.fetch ')).toEqual(['after fetch|'])
  })
})
