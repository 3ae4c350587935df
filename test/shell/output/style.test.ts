// Colour is decided for each stream: flag, then environment, then terminal.
import { expect, test } from 'vitest'
import { hasColour, styleOf } from '../../../src/shell/output/style.ts'

const terminal = { isTTY: true }
const pipe = { isTTY: false }

test.each([
  ['a terminal has colour', {}, terminal, undefined, true],
  ['a pipe has none', {}, pipe, undefined, false],
  ['NO_COLOR takes it away', { NO_COLOR: '1' }, terminal, undefined, false],
  ['an empty NO_COLOR says nothing', { NO_COLOR: '' }, terminal, undefined, true],
  ['GOOSE_NO_COLOR takes it away', { GOOSE_NO_COLOR: '1' }, terminal, undefined, false],
  ['FORCE_COLOR gives it to a pipe', { FORCE_COLOR: '1' }, pipe, undefined, true],
  ['FORCE_COLOR=0 takes it away', { FORCE_COLOR: '0' }, terminal, undefined, false],
  ['NO_COLOR wins over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, terminal, undefined, false],
  ['--color wins over NO_COLOR', { NO_COLOR: '1' }, pipe, true, true],
  ['--no-color wins over FORCE_COLOR', { FORCE_COLOR: '1' }, terminal, false, false],
  ['a dumb terminal has none', { TERM: 'dumb' }, terminal, undefined, false],
])('%s', (_, env, stream, flag, expected) => {
  expect(hasColour({ env, stream, flag })).toBe(expected)
  expect(styleOf({ env, stream, flag }).id('x')).toBe(expected ? '\u001b[36mx\u001b[39m' : 'x')
})
