// What is typed in the console as a program: names stay, promises are waited for, and the last value is given.
import { afterEach, describe, expect, test } from 'vitest'
import { Names } from '../../../src/shell/repl/names.ts'
import { programOf } from '../../../src/shell/repl/program.ts'
import { markedLine, placeOf, Unfinished } from '../../../src/shell/repl/syntax.ts'

const names = new Names({ root: process.cwd(), importModule: async name => ({ default: name, part: `${name}.part` }) })
const given = new Set<string>()
const before = new Set(Object.getOwnPropertyNames(globalThis))

async function run(text: string, isStopped = () => false): Promise<unknown> {
  const program = programOf(text)
  for (const name of program.names) given.add(name)
  const { value } = await names.run(program, { file: 'typed', isStopped })
  return value
}

/** Runs lines one after the other, and gives the value of the last. */
async function typed(...lines: readonly string[]): Promise<unknown> {
  let value: unknown
  for (const line of lines) value = await run(line)
  return value
}

afterEach(() => {
  for (const name of given) if (!before.has(name)) Reflect.deleteProperty(globalThis, name)
  given.clear()
})

describe('the last value of what is typed', () => {
  test.each([
    ['1 + 1', 2],
    ['{ a: 1 }', { a: 1 }],
    ['{ a: 1 };', 1],
    ['1;', 1],
    ['"use strict"', 'use strict'],
    ['if (true) { 1 } else { 2 }', 1],
    ['if (false) 1; else 2', 2],
    ['for (const x of [1, 2, 3]) x * 2', 6],
    ['let n = 0; while (n < 3) n++', 2],
    ['let m = 0; do { m++ } while (m < 3)', 2],
    ['try { throw 1 } catch { 2 }', 2],
    ['{ 1; 2 }', 2],
    ['const x = 5', undefined],
    ['function f() { return 1 }', undefined],
    ['export default 7', 7],
    ['"a\\\nb"', 'ab'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what is typed is a template.
    ['`a${1}b`', 'a1b'],
    ['(function () { return typeof this })()', 'object'],
    ['// only words', undefined],
    ['', undefined],
  ])('%s', async (text, value) => {
    expect(await run(text)).toEqual(value)
  })
})

describe('names of a line', () => {
  test.each([
    [['const a = 1, b = 2', 'a + b'], 3],
    [['const a = 1', 'const a = 2', 'a'], 2],
    [['let a = 1', 'a++', 'let a', 'a'], undefined],
    [['var a = 1', 'var a', 'a'], 1],
    [
      ['const { a, b: [c = 3], ...rest } = { a: 1, b: [], d: 4 }', '[a, c, rest.d]'],
      [1, 3, 4],
    ],
    [['function twice(n) { return n * 2 }', 'twice(4)'], 8],
    [['twice(4); function twice(n) { return n * 2 }'], 8],
    [['class A { get x() { return 1 } }', 'new A().x + A.name'], '1A'],
    [['const f = () => 1', 'f.name'], 'f'],
    [
      ['for (var i = 0, end = 3; i < end; i++) {}', '[i, end]'],
      [3, 3],
    ],
    [['for (var key in { a: 1 }) {}', 'key'], 'a'],
    [['for (var [one] of [[1], [2]]) {}', 'one'], 2],
    [
      ['if (true) { var inner = 1; let hidden = 2 }', '[inner, typeof hidden]'],
      [1, 'undefined'],
    ],
    [['counted = 3', 'counted'], 3],
    [['export const out = 1', 'out'], 1],
    [
      ["import it, { part as p, default as d } from 'mod'", '[it, p, d]'],
      ['mod', 'mod.part', 'mod'],
    ],
    [["import * as all from 'mod'", 'all.part'], 'mod.part'],
    [["import('mod').part"], 'mod.part'],
  ] as const)('%s', async (lines, value) => {
    expect(await typed(...lines)).toEqual(value)
  })

  test('that this process needs itself are only shadowed', async () => {
    expect(await typed('const process = 1, performance = { now: 2 }', '[process, performance.now]')).toEqual([1, 2])
    expect(process.pid).toBeGreaterThan(1)
    expect(performance.now()).toBeGreaterThan(2)
    expect(await typed('process = 5', 'process')).toBe(5)
    expect(process.pid).toBeGreaterThan(1)
  })
})

describe('a forgotten await', () => {
  const soon = 'const soon = async value => value'
  test.each([
    ['const a = soon({ n: 1 }); a.n', 1],
    ['soon({ n: 1 }).n', 1],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above.
    ['`${soon(3)}`', '3'],
    ['soon(2) + soon(3)', 5],
    ['soon(false) ? 1 : 2', 2],
    ['let got; got = soon(1); got', 1],
    ['[soon(1), soon(2)]', [1, 2]],
    ['({ a: soon(1) })', { a: 1 }],
    ['String(soon(4))', '4'],
    ['const list = []; for (const n of soon([1, 2])) list.push(soon(n)); list', [1, 2]],
    ['if (soon(false)) { 1 } else { 2 }', 2],
    ['soon(undefined)?.a.b()', undefined],
    ['soon(1).then(n => n + 1)', 2],
    ['Promise.all([soon(1), soon(2)])', [1, 2]],
    ['await soon(1)', 1],
    ['(await soon({ n: 2 })).n', 2],
    ['const { n } = soon({ n: 5 }); n', 5],
    ['for await (const n of [soon(1), soon(2)]) n', 2],
    ['[1, 2].map(n => n * 2).length', 2],
  ])('changes nothing: %s', async (text, value) => {
    expect(await typed(soon, text)).toEqual(value)
  })

  test('leaves functions as they are, and what is handed to Promise.all at the same time', async () => {
    const order =
      'const order = []; const wait = async (ms, n) => { await new Promise(r => setTimeout(r, ms)); order.push(n) }'
    expect(await typed(order, 'Promise.all([wait(30, 1), wait(5, 2)])', 'order')).toEqual([2, 1])
    expect(await typed('const later = async () => 1', 'const f = () => later() instanceof Promise; f()')).toBe(true)
  })

  test('does not turn what another library calls thenable into what it gives', async () => {
    expect(
      await typed("const asked = () => ({ then: ok => ok('sent'), sort: () => 'sorted' })", 'asked().sort()'),
    ).toBe('sorted')
  })
})

describe('loops', () => {
  test.each(['while (true) {}', 'for (;;) await 1', 'do { } while (true)', 'const f = () => { for (;;); }; f()'])(
    'are ended from outside: %s',
    async text => {
      let turns = 0
      await expect(run(text, () => ++turns > 100)).rejects.toThrow()
    },
  )
})

describe('what is no program', () => {
  const place = (text: string) => {
    try {
      programOf(text)
    } catch (error) {
      return error instanceof Unfinished ? 'more' : placeOf(error)
    }
    return 'right'
  }

  test.each([
    'f(',
    'const a =',
    '{',
    '`abc',
    '/* why',
    "'a\\\n",
    'if (a) {\n',
    '[1,',
    'a => {',
    'class A {',
    'x = function () {',
  ])('may go on: %s', text => {
    expect(place(`${text}\n`.replace('\\\n\n', '\\\n'))).toBe('more')
  })

  test.each([
    ['foo bar', 1, 5],
    ['const x = ;', 1, 11],
    ['f(1,,2)', 1, 5],
    ["Book.find({ title: 'x' )", 1, 24],
    ["'unterminated", 1, 1],
    ['1\n2\nfoo bar', 3, 5],
    ['await f(1 2)', 1, 9],
    ['return 5', 1, 1],
    ['let a; let a', 1, 12],
    ['for (const x of [y]) { z z }', 1, 26],
    ['a ? b', 1, 6],
    [')', 1, 1],
    ['const a = 1 const b = 2', 1, 13],
    ['await = 1', 1, 7],
    ['import x from', 1, 14],
    ['function () {}', 1, 1],
  ])('is wrong at its column: %s', (text, line, column) => {
    const found = place(text)
    if (found === 'more') return expect(text).toMatch(/\?|from$/)
    expect(found).toMatchObject({ line, column })
  })

  test('is marked under the place, also in a long line', () => {
    expect(markedLine({ line: 1, column: 5, text: 'foo bar' })).toEqual(['foo bar', '    ^'])
    const [line, mark] = markedLine({ line: 1, column: 501, text: `${'a'.repeat(500)}!${'b'.repeat(500)}` })
    expect(line.length).toBeLessThan(170)
    expect(line[mark.indexOf('^')]).toBe('!')
  })
})
