// The history of the console: what is kept of the lines typed, and what never is.
import { describe, expect, test } from 'vitest'
import { historyFile, holdsSecret, joinEntry, matchingLines } from '../../../src/shell/repl/history.ts'

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

  test('makes one entry of the lines of one entry, newest first', () => {
    const lines = ['}', '  return a', 'const f = a => {', 'older']
    joinEntry(lines, 3)
    expect(lines).toEqual(['const f = a => { return a }', 'older'])
  })

  test('leaves lines apart where joining would change what they mean', () => {
    const lines = ['}', '  return a // why', 'const f = a => {']
    joinEntry(lines, 3)
    expect(lines).toEqual(['}', '  return a // why', 'const f = a => {'])
  })

  test('finds lines by a word or an expression, oldest first', () => {
    const lines = ['Post.count()', 'User.find()', 'Post.find()']
    expect(matchingLines(lines, '/^post/i')).toEqual(['Post.find()', 'Post.count()'])
    expect(matchingLines(lines, 'find')).toEqual(['Post.find()', 'User.find()'])
  })
})
