// The history of the console: what is kept of the lines typed, and what never is.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { History, historyFile, holdsSecret, matchingLines } from '../../../src/shell/repl/history.ts'

const folder = mkdtempSync(join(tmpdir(), 'goose-history-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the history of the console', () => {
  test.each([
    "connect('mongodb://ada:swordfish@db.example.com/app')",
    "User.create({ password: 'x' })",
    "setKeys('k1:AAAA')",
    "db.command({ createUser: 'ada' })",
    'const apiKey = 1',
  ])('does not keep %s', line => {
    expect(holdsSecret(line)).toBe(true)
  })

  test.each(['Post.find({ published: true })', "connect('mongodb://127.0.0.1/app')"])('keeps %s', line => {
    expect(holdsSecret(line)).toBe(false)
  })

  test('is a file of its own for each project and connection', () => {
    expect(historyFile('/a', 'prod')).not.toBe(historyFile('/b', 'prod'))
    expect(historyFile('/a', 'prod')).not.toBe(historyFile('/a', 'dev'))
    expect(historyFile('/a', '../../etc')).not.toContain('..')
  })

  test('makes one entry of the lines of one entry, as they were typed, and finds it again', () => {
    const file = join(folder, 'deep', 'history')
    const lines = ['await next()', '}', '  return a // why', 'const f = a => {', 'older']
    new History(lines, file).keep('const f = a => {\n  return a // why\n\n}\n')
    expect(lines.slice(0, 1)).toEqual(['await next()'])
    const entry = 'const f = a => {\n  return a // why\n\n}'
    expect(new History([], file).entries).toEqual([entry])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
  })

  test('forgets an entry with a secret in any of its lines, in memory and in the file', () => {
    const file = join(folder, 'secrets')
    const lines = ['})', "  password: 'swordfish',", 'User.create({', 'older']
    new History(lines, file).keep("User.create({\n  password: 'swordfish',\n})\n")
    expect(lines).toEqual(['older'])
    expect(existsSync(file)).toBe(false)
  })

  test('goes on without its file where that is no place to write, and past lines that were cut off', () => {
    new History([], '/dev/null/history').keep('1 + 1')
    const file = join(folder, 'cut')
    writeFileSync(file, '"whole"\n"cut o')
    expect(new History([], file).entries).toEqual(['whole'])
  })

  test('finds lines by a word or an expression, oldest first', () => {
    const lines = ['Post.count()', 'User.find()', 'Post.find()']
    expect(matchingLines(lines, '/^post/i')).toEqual(['Post.find()', 'Post.count()'])
    expect(matchingLines(lines, 'find')).toEqual(['Post.find()', 'User.find()'])
  })
})
