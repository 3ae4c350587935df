// Dot commands: how their words are told apart, and what a session becomes as a script.
import { describe, expect, test } from 'vitest'
import { wordsOf } from '../../../src/shell/repl/dot-commands.ts'
import { scriptOf } from '../../../src/shell/repl/saved-script.ts'

describe('words after a dot command', () => {
  test('are those a shell would give', () => {
    expect(wordsOf(`Post --where 'views>=500' --sort -createdAt`)).toEqual([
      'Post',
      '--where',
      'views>=500',
      '--sort',
      '-createdAt',
    ])
    expect(wordsOf('Post --set title="a b" --limit 3')).toEqual(['Post', '--set', 'title=a b', '--limit', '3'])
    expect(wordsOf(`--filter '{"a": "b c"}'`)).toEqual(['--filter', '{"a": "b c"}'])
  })

  test('are refused when a quotation mark is left open', () => {
    expect(() => wordsOf('Post --where "views')).toThrow('a quotation mark is not closed')
  })
})

describe('a session saved as a script', () => {
  const models = [{ name: 'Post' }, { name: 'User' }] as never
  const value = (code: string) => ({ code, kind: 'value' as const })
  const bodyOf = (text: string) =>
    text
      .split('\n')
      .slice(text.split('\n').findIndex(line => line.includes('async run')) + 1, -3)
      .map(line => line.trim())

  test('is a job that names the models it uses and awaits what the console awaited', () => {
    const text = scriptOf(
      [
        value('const old = await Post.find().first()'),
        { code: 'Post.find({ a: 1 })', kind: 'pages' },
        value('Post.updateMany(\n  { a: 1 },\n  { $set: { b: 2 } },\n)'),
      ],
      models,
      { name: 'nightly', reason: 'JIRA-8' },
    )
    expect(text.split('\n')).toEqual([
      '// JIRA-8',
      "import { defineJob } from 'goose-odm'",
      '',
      'export default defineJob({',
      "  name: 'nightly',",
      '  async run({ models }) {',
      '    const { Post } = models',
      '    const old = await Post.find().first()',
      '    // shown: Post.find({ a: 1 })',
      '    await Post.updateMany(',
      '      { a: 1 },',
      '      { $set: { b: 2 } },',
      '    )',
      '  },',
      '})',
      '',
    ])
  })

  test('has what only the console has: the last value, names without a declaration, types without new, db', () => {
    const text = scriptOf(
      [
        value('total = 3'),
        value('User.findOne({ _id: ObjectId(id) })'),
        value('_.name'),
        value('const n = 1; db.command({ ping: n })'),
        value('for (const x of [1]) use(x)'),
      ],
      models,
      { name: 'a b', rc: { from: '../goose.repl.ts', names: ['use', 'other'] } },
    )
    expect(text).toContain("import { connection, defineJob } from 'goose-odm'\nimport * as bson from 'mongodb'")
    expect(text).toContain("import { use } from '../goose.repl.ts'")
    expect(text).toContain("name: 'a-b'")
    expect(bodyOf(text)).toEqual([
      'const { User } = models',
      'const { db } = connection()',
      expect.stringContaining('const callable ='),
      'const ObjectId = callable(bson.ObjectId)',
      'let _',
      'let total',
      '_ = total = 3',
      '_ = await User.findOne({ _id: ObjectId(id) })',
      '_ = _.name',
      'const n = 1; _ = await db.command({ ping: n })',
      'for (const x of [1]) await use(x)',
    ])
  })

  test('awaits what the console waits for, and leaves alone what gives its value at once', () => {
    const text = scriptOf(
      [
        value('const post = Post.findOne({ a: 1 })'),
        value('Post.findOne({ a: 1 }).title'),
        value('const names = Post.find().sort("a").all().map(each => each.name)'),
        value('console.log(Post.find().count())'),
        value('post.title = "x"; post.save()'),
        value('const twice = n => n * 2'),
        value("import { readFileSync } from 'node:fs'"),
      ],
      models,
      { name: 'a' },
    )
    expect(text).toContain("import { readFileSync } from 'node:fs'\n\nexport default")
    expect(bodyOf(text)).toEqual([
      'const { Post } = models',
      'const post = await Post.findOne({ a: 1 })',
      '(await Post.findOne({ a: 1 })).title',
      'const names = (await Post.find().sort("a").all()).map(each => each.name)',
      'console.log(await Post.find().count())',
      'post.title = "x"; await post.save()',
      'const twice = n => n * 2',
    ])
  })

  test('declares a name once that the session declared again, or gave another value', () => {
    const text = scriptOf(
      [
        value('const a = 1'),
        value('const a = 2'),
        value('let b, c = 3'),
        value('b = a'),
        value('const { a, d } = { a: 1 }'),
        value('const e = 4'),
        value('let b'),
      ],
      models,
      { name: 'a' },
    )
    expect(bodyOf(text)).toEqual([
      'let a = 1',
      'a = 2',
      'let b, c = 3',
      'b = a',
      ';({ a, d } = { a: 1 })',
      'const e = 4',
      'b = undefined',
    ])
  })
})
