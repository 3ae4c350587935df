// Filters and documents as text: Extended JSON, shell syntax, files; what cannot be meant is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Long, ObjectId } from 'mongodb'
import { afterAll, describe, expect, test } from 'vitest'
import { parseDocuments, parseFilter } from '../../src/shell/input.ts'

const folder = mkdtempSync(join(tmpdir(), 'goose-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hex = '65f1a2b3c4d5e6f708192a3b'

describe('a filter', () => {
  test('may be Extended JSON, and keeps what a number cannot hold', () => {
    const filter = parseFilter(`{"_id": {"$oid": "${hex}"}, "n": {"$numberLong": "9007199254740993"}}`)
    expect(filter._id).toEqual(new ObjectId(hex))
    expect(filter.n).toEqual(Long.fromString('9007199254740993'))
  })

  test('may be in the syntax of the shell, with ids of the driver’s own class', () => {
    const filter = parseFilter(`{author: ObjectId("${hex}"), at: {$lt: ISODate("2026-01-01")}, name: /^a/i}`)
    expect(filter.author).toBeInstanceOf(ObjectId)
    expect(filter).toMatchObject({ at: { $lt: new Date('2026-01-01') }, name: /^a/i })
  })

  test('may be in a file', () => {
    const file = join(folder, 'filter.json')
    writeFileSync(file, '\uFEFF{"views": {"$gt": 5}}')
    expect(Object.keys(parseFilter(`@${file}`))).toEqual(['views'])
  })

  test.each(['', '   ', 'nonsense(', '[]', '5', '"text"', 'ObjectId()', 'process.exit(1)', '{a: require("fs")}', '{'])(
    '%j is refused, never taken for everything',
    text => {
      expect(() => parseFilter(text)).toThrow(expect.objectContaining({ code: 'USAGE', exit: 2 }))
    },
  )

  test('runs no code on the server, however deep it hides', () => {
    expect(() => parseFilter('{$where: "1"}')).toThrow(/\$where/)
    expect(() => parseFilter('{$or: [{a: 1}, {$expr: {$function: {}}}]}')).toThrow(/\$function/)
  })
})

describe('documents', () => {
  test.each([
    ['one', '{name: "a"}', 1],
    ['a list', '[{"name": "a"}, {"name": "b"}]', 2],
    ['one on each line', '{"name": "a"}\n\n{"name": "b"}\n{"name": "c"}\n', 3],
  ])('may be %s', (_, text, count) => {
    expect(parseDocuments(text)).toHaveLength(count)
  })

  test('name the line that cannot be read', () => {
    expect(() => parseDocuments('{"name": "a"}\n{"name": \n{"name": "c"}')).toThrow(/line 2/)
    expect(() => parseDocuments('[{"name": "a"}, 5]')).toThrow(/document 2/)
  })
})
