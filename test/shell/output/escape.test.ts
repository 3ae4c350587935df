// Text from a database cannot steer a terminal.
import { expect, test } from 'vitest'
import { escapeControl, escapeJson, escapeLines } from '../../../src/shell/output/escape.ts'

test.each([
  ['\u001b[31mred', '\\x1b[31mred'],
  ['bell\u0007', 'bell\\x07'],
  ['two\nlines\tand\r', 'two\\nlines\\tand\\r'],
  ['\u009b2J', '\\x9b2J'],
  ['turn\u202eround', 'turn\\u202eround'],
  ['half \ud800 pair', 'half \\ud800 pair'],
  ['日本語 👩‍👩‍👧 é', '日本語 👩‍👩‍👧 é'],
])('%j is shown as %j', (text, shown) => {
  expect(escapeControl(text)).toBe(shown)
})

test('a text of several lines keeps its line breaks only', () => {
  expect(escapeLines('one\ntwo\u001b')).toBe('one\ntwo\\x1b')
})

test('JSON stays JSON with the same value when escaped', () => {
  const value = { text: 'a\u009bb\u202ec\u007f\n' }
  const escaped = escapeJson(JSON.stringify(value))
  expect(escaped).toBe('{"text":"a\\u009bb\\u202ec\\u007f\\n"}')
  expect(JSON.parse(escaped)).toEqual(value)
})
