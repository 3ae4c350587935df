// Tests what filters match, beyond the cases that other servers answered.
import { describe, expect, test } from 'vitest'
import { document } from '../../src/embedded/bson/literal.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { compileFilter } from '../../src/embedded/match/filter.ts'
import { compileRegex } from '../../src/embedded/match/regex.ts'

function matches(filter: object, subject: object): boolean {
  return compileFilter(document({ ...filter })).matches(document({ ...subject }))
}

describe('a filter', () => {
  test('tells which top-level fields it reads', () => {
    expect(
      compileFilter(document({ 'a.b': 1, $or: [{ c: 1 }, { 'd.e.f': { $elemMatch: { x: 1 } } }] })).fields,
    ).toEqual(new Set(['a', 'c', 'd']))
    expect(compileFilter(document({ $expr: { $gt: ['$a.b', '$c'] } })).fields).toEqual(new Set(['a', 'c']))
    expect(compileFilter(document({ $jsonSchema: {} })).fields).toBeNull()
  })

  test('gives the position of the array element that matched', () => {
    const subject = document({ l: [5, 6, 7], o: [{ x: [1] }, { x: [2, 3] }], s: 1 })
    const positionOf = (filter: object) => compileFilter(document({ ...filter })).position(subject)
    expect(positionOf({ l: 6 })).toBe(1)
    expect(positionOf({ 'o.x': 3 })).toBe(1)
    expect(positionOf({ l: { $elemMatch: { $gt: 6 } } })).toBe(2)
    expect(positionOf({ $or: [{ s: 9 }, { l: { $in: [7, 6] } }] })).toBe(1)
    expect(positionOf({ s: 1 })).toBeUndefined()
    expect(positionOf({ l: { $not: { $gt: 100 } } })).toBeUndefined()
  })

  test('looks for many values as for one', () => {
    const many = { $in: [1, 'x', null, 2.5, new Date(5), true, { a: 1 }, [1, 2]] }
    for (const value of [1, 1n, 'x', null, 2.5, new Date(5), true, { a: 1 }, [1, 2], ['x']])
      expect(matches({ f: many }, { f: value })).toBe(true)
    expect(matches({ f: many }, {})).toBe(true)
    for (const value of [2, 'y', false, new Date(6), { a: 2 }, [3]])
      expect(matches({ f: many }, { f: value })).toBe(false)
  })

  test('refuses by name what the embedded database does not do', () => {
    for (const filter of [
      { $where: '1' },
      { $text: { $search: 'x' } },
      { a: { $near: [0, 0] } },
      { a: { $geoWithin: {} } },
    ]) {
      const compile = () => compileFilter(document(filter))
      expect(compile).toThrow(CommandError)
      expect(compile).toThrow(/^\$\w+ is not supported by the embedded database$/)
    }
  })

  test('does not match what $nor, $ne and $nin exclude in any element', () => {
    expect(matches({ l: { $ne: 1 } }, { l: [1, 2] })).toBe(false)
    expect(matches({ l: { $nin: [2] } }, { l: [1, 2] })).toBe(false)
    expect(matches({ $nor: [{ l: 3 }] }, { l: [1, 2] })).toBe(true)
  })
})

describe('a regular expression written for PCRE', () => {
  const cases: readonly (readonly [pattern: string, options: string, yes: string, no: string])[] = [
    ['^abc$', '', 'abc\n', 'abcd'],
    ['^b', 'm', 'a\nb', 'ab'],
    ['a.c', '', 'a\rc', 'a\nc'],
    ['a.c', 's', 'a\nc', 'ac'],
    ['a b # comment', 'x', 'ab', 'a b'],
    ['(?i)ABC', '', 'abc', 'abd'],
    ['\\Aab\\z', '', 'ab', 'xab'],
    ['[[:alpha:]]+\\d', '', 'ab1', '12'],
    ['[[:^x]', '', ':', 'y'],
    ['a{,2}', '', 'a{,2}', 'aa'],
    ['(?<year>\\d{4})-\\k<year>', '', '2024-2024', '2024-2025'],
    ['(?P<a>x)(?P=a)', '', 'xx', 'xy'],
    ['\\Qa.b\\E+', '', 'a.bb', 'axb'],
    ['^.$', '', '😀', 'ab'],
    ['\\x41\\x{1F600}', '', 'A😀', 'B😀'],
    ['[\\w.-]+@[\\w-]+\\.com', '', 'a.b-c@d-e.com', 'a@bcom'],
    ['^\\p{Lu}\\p{Greek}', '', 'Aα', 'aα'],
    ['\\-\\@\\_\\ ', '', '-@_ ', '-@_'],
    ['a\\/b/c', '', 'a/b/c', 'a\\/b'],
    ['[^\\]a]', '', 'b', ']'],
    ['É', 'i', 'é', 'e'],
  ]

  test.each(cases)('%s with options "%s" matches %j and not %j', (pattern, options, yes, no) => {
    expect(compileRegex(pattern, options).test(yes)).toBe(true)
    expect(compileRegex(pattern, options).test(no)).toBe(false)
  })

  test('that JavaScript cannot express is refused, never taken for something else', () => {
    for (const pattern of ['a++', '(?>a)', '\\Gab', '(?R)', 'a*+'])
      expect(() => compileRegex(pattern, '')).toThrow(/not supported/)
  })
})
