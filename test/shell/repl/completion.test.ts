// What Tab offers in the console: from the schema, without asking the database.
import { describe, expect, test } from 'vitest'
import { model, ref, z } from '../../../src/index.ts'
import { adoptExports, type LoadedModel, openModels } from '../../../src/shell/models.ts'
import { completionOf } from '../../../src/shell/repl/completion.ts'

class Writer extends model('Writer', { name: z.string(), address: z.object({ city: z.string(), zip: z.string() }) }) {
  static famous() {
    return Writer.find({ name: 'Ada' })
  }
}
class Story extends model('Story', {
  title: z.string(),
  state: z.enum(['draft', 'published']),
  writer: ref(() => Writer),
}) {}
adoptExports({ Writer, Story })
const models: readonly LoadedModel[] = openModels('/').filter(({ name }) => ['Writer', 'Story'].includes(name))
const words = (line: string) => completionOf(line, models)?.words ?? []

describe('Tab in the console offers', () => {
  test('the statics of a model, inherited and its own', () => {
    expect(words('Writer.fi')).toEqual(
      ['find', 'findDeleted', 'findOne'].filter(name => words('Writer.').includes(name)),
    )
    expect(words('Writer.')).toEqual(expect.arrayContaining(['create', 'famous', 'find', 'get', 'updateMany']))
    expect(words('await Writer.fam')).toEqual(['famous'])
  })

  test('the methods of a query after a call, however long the chain', () => {
    expect(words('Story.find({}).so')).toEqual(['sort'])
    expect(words("Story.find({ title: f(1) }).sort('-title').pop")).toEqual(['populate'])
  })

  test('the paths of the model inside of a filter, nested ones too', () => {
    expect(words('Story.find({ ti')).toEqual(['title'])
    expect(words('Writer.find({ address.')).toEqual(['address.city', 'address.zip'])
    expect(words('const found = await Story.find({ title: 1, wr')).toEqual(['writer'])
  })

  test('paths for sort and select, and only references for populate', () => {
    expect(words("Story.find().sort('-ti")).toEqual(['title'])
    expect(words("Story.find().select('title, st")).toEqual(['state'])
    expect(words("Story.find().populate('")).toEqual(['writer'])
  })

  test('operators after a dollar: those of filters, and those of updates in the second argument', () => {
    expect(words('Story.find({ title: { $re')).toEqual(['$regex'])
    expect(words('Story.updateMany({ title: 1 }, { $s')).toEqual(['$set', '$setOnInsert'])
  })

  test('the values of an enum where its field is asked for', () => {
    expect(words("Story.find({ state: '")).toEqual(["'draft'", "'published'"])
    expect(words("Story.find({ state: { $ne: 'p")).toEqual(["'published'"])
  })

  test('nothing of its own elsewhere, so that the names of JavaScript complete as ever', () => {
    expect(completionOf('Math.ma', models)).toBeUndefined()
    expect(completionOf('const x = 1', models)).toBeUndefined()
  })
})
