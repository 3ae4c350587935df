import { GooseError, model, ref, secret, timestamps, UnknownModel, z } from 'goose-odm'
import { describe, expect, test } from 'vitest'
import { describeModel } from '../../src/models/describe.ts'
import { collectionFor } from '../../src/models/plural.ts'
import { modelNamed, registeredModels } from '../../src/models/registry.ts'

test.each([
  ['Book', 'books'],
  ['Category', 'categories'],
  ['Box', 'boxes'],
  ['Person', 'people'],
  ['Child', 'children'],
  ['Address', 'addresses'],
  ['Status', 'status'],
  ['Day', 'days'],
  ['News', 'news'],
  ['Media', 'media'],
  ['Bus', 'buses'],
  ['Analysis', 'analyses'],
  ['Knife', 'knives'],
  ['Shelf', 'shelves'],
  ['Goose', 'geese'],
  ['Mouse', 'mice'],
  ['Index', 'indices'],
  ['Match', 'matches'],
  ['Tomato', 'tomatoes'],
  ['UserRole', 'userroles'],
  ['Data2', 'data2'],
  ['Quiz', 'quizzes'],
])('the collection of %s is %s', (name, collection) => {
  expect(collectionFor(name)).toBe(collection)
})

describe('a model', () => {
  test('describes itself', () => {
    class Writer extends model('DefWriter', {
      name: z.string(),
      hash: secret(z.string()).optional(),
      role: z.enum(['a', 'b']).default('a'),
    }) {}
    class Story extends model(
      'DefStory',
      { writer: ref(() => Writer), notes: z.array(z.object({ by: ref(() => Writer) })).default([]) },
      { plugins: [timestamps()] },
    ) {}
    expect(describeModel(Writer.definition)).toMatchObject({
      name: 'DefWriter',
      collection: 'defwriters',
      fields: [
        { path: '_id', type: 'objectId' },
        { path: 'name', type: 'string', required: true },
        { path: 'hash', type: 'string', required: false, secret: true },
        { path: 'role', type: 'string', hasDefault: true, values: ['a', 'b'] },
      ],
    })
    const story = describeModel(Story.definition)
    expect(story.fields.map(field => [field.path, field.type])).toEqual([
      ['_id', 'objectId'],
      ['writer', 'DefWriter'],
      ['notes', 'object[]'],
      ['createdAt', 'date'],
      ['updatedAt', 'date'],
    ])
    expect(story.fields[2]?.fields?.[0]).toMatchObject({ path: 'notes.by', ref: { model: 'DefWriter', by: '_id' } })
    expect(story.location).toContain('definition.test.ts')
  })

  test('is found by name without case; another name gives the nearest', () => {
    class Known extends model('DefKnown', { name: z.string() }) {}
    expect(Known.find().model).toBe(Known)
    expect(modelNamed('defknown').model).toBe(Known)
    expect(registeredModels().some(entry => entry.model === Known)).toBe(true)
    expect(() => modelNamed('DefKnwon')).toThrow(UnknownModel)
    expect(() => modelNamed('DefKnwon')).toThrow('model "DefKnwon" is not defined')
  })

  test('two of one name are an error that names both places, unless they are the same', () => {
    model('DefTwice', { name: z.string() })
    expect(() => model('DefTwice', { name: z.string() })).not.toThrow()
    expect(() => model('DefTwice', { title: z.string() })).toThrow(
      /model "DefTwice" is defined twice: .*definition\.test\.ts:\d+ and .*definition\.test\.ts:\d+/,
    )
  })

  test.each([
    [{ save: z.string() }, '"save" is the name of a document'],
    [{ 'a.b': z.string() }, 'holds a dot'],
    [{ $x: z.string() }, 'begins with $'],
    [{ name: String as never }, 'is not a zod 4 schema'],
  ])('fields %j are refused', (fields, message) => {
    expect(() => model('DefWrong', fields as never)).toThrow(message)
    expect(() => model('DefWrong', fields as never)).toThrow(GooseError)
  })
})

test('a default that is computed is asked for when a document is made, and not before', () => {
  let asked = 0
  const next = () => {
    asked += 1
    return asked
  }
  class Ticket extends model('DefaultTicket', {
    number: z.int().default(next),
    place: z.string().prefault(() => 'a'),
  }) {}
  Ticket.find({ number: 1 }).sort('number')
  expect(asked).toBe(0)
  expect(new Ticket({}).number).toBe(1)
})
