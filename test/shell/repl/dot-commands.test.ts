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
  test('is a job that names the models it uses and awaits what the console awaited', () => {
    const models = [{ name: 'Post' }, { name: 'User' }] as never
    const text = scriptOf(
      ['const old = await Post.find().first()', 'Post.updateMany({ a: 1 }, { $set: { b: 2 } })'],
      models,
      { reason: 'JIRA-8' },
    )
    expect(text.split('\n')).toEqual([
      '// JIRA-8',
      "import { defineJob } from 'goose-odm'",
      '',
      'export default defineJob({',
      "  name: 'saved-session',",
      '  async run({ models }) {',
      '    const { Post } = models',
      '    const old = await Post.find().first()',
      '    await Post.updateMany({ a: 1 }, { $set: { b: 2 } })',
      '  },',
      '})',
      '',
    ])
  })
})
