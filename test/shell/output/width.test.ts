// Widths of text on a terminal: what takes two cells, what takes none, and cutting by that measure.
import { expect, test } from 'vitest'
import { padEnd, padStart, truncate, widthOf } from '../../../src/shell/output/width.ts'

test.each([
  ['plain', 5],
  ['日本語', 6],
  ['한국어', 6],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['ｆｕｌｌ', 8],
  ['नमस्ते', 4],
  ['a\u200bb', 2],
  ['', 0],
])('%j takes %i cells', (text, cells) => {
  expect(widthOf(text)).toBe(cells)
})

test('a text is cut between letters, never through a wide one', () => {
  expect(truncate('日本語のタイトル', 6)).toBe('日本…')
  expect(truncate('日本語のタイトル', 7)).toBe('日本語…')
  expect(truncate('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 4)).toBe('👩‍👩‍👧…')
  expect(truncate('short', 5)).toBe('short')
  expect(truncate('longer', 5)).toBe('long…')
})

test('padding fills up to cells, not to characters', () => {
  expect(padEnd('日本', 6)).toBe('日本  ')
  expect(padStart('7', 3)).toBe('  7')
  expect(padEnd('too long', 3)).toBe('too long')
})
