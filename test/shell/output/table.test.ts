// Tables: they fit the width they are given, keep ids whole, and stay straight with letters of any width.
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { type CellLook, cellOf, Missing, relativeTime } from '../../../src/shell/output/cell.ts'
import { plain } from '../../../src/shell/output/style.ts'
import { planTable } from '../../../src/shell/output/table.ts'
import { widthOf } from '../../../src/shell/output/width.ts'

const now = new Date('2026-06-01T12:00:00Z')
const short: CellLook = { style: plain, ids: 'short', dates: 'relative', now }
const rowsOf = (values: readonly (readonly unknown[])[]) => values.map(row => row.map(value => cellOf(value, short)))
const frame = (heads: readonly string[], width?: number) => ({ heads, width, style: plain })

test('a table shows ids by their end, dates by their age, and what is missing', () => {
  const id = new ObjectId('65f1a2b3c4d5e6f708192a3b')
  const author = { _id: id, name: 'Ada' }
  const rows = rowsOf([
    [id, author, true, 7, new Date('2026-06-01T10:00:00Z')],
    [id, new Missing(id), false, 12, null],
  ])
  const { text } = planTable(frame(['ID', 'AUTHOR', 'OPEN', 'N', 'CREATED']), rows, 'closed')
  expect(text).toBe(`┌─────────┬───────────────┬──────┬────┬─────────┐
│ ID      │ AUTHOR        │ OPEN │ N  │ CREATED │
├─────────┼───────────────┼──────┼────┼─────────┤
│ …192a3b │ Ada (…192a3b) │ yes  │  7 │ 2 h ago │
│ …192a3b │ (missing)     │ no   │ 12 │ null    │
└─────────┴───────────────┴──────┴────┴─────────┘`)
})

test.each([40, 60, 80, 120])('no line is wider than %i cells, and all are equally wide', width => {
  const wide = [
    '日本語のとても長いタイトル',
    '👩‍👩‍👧 family',
    'नमस्ते दुनिया',
    '🫠 new emoji',
    'plain',
    'e\u0301'.repeat(30),
  ]
  const rows = rowsOf(wide.map((title, index) => [`…19${index}a3b`, title, 'x'.repeat(80), index]))
  for (const state of ['closed', 'open'] as const) {
    const plan = planTable(frame(['ID', 'TITLE', 'BODY', 'N'], width), rows, state)
    const lines = [...plan.text.split('\n'), ...(plan.end ? [plan.end] : [])]
    const widths = new Set(lines.map(widthOf))
    expect([...widths], plan.text).toHaveLength(1)
    expect([...widths][0]).toBeLessThanOrEqual(width)
  }
})

test('columns that find no room are left out at the end, never the id', () => {
  const rows = rowsOf([['…192a3b', 'one', 'two', 'three', 'four']])
  const plan = planTable(frame(['ID', 'FIRST COLUMN', 'SECOND COLUMN', 'THIRD COLUMN', 'FOURTH'], 30), rows, 'closed')
  expect(plan.hidden).toBeGreaterThan(0)
  expect(plan.text).toContain('…192a3b')
})

test('rows after the first screenful are drawn with the widths of the first', () => {
  const plan = planTable(frame(['ID', 'TITLE'], 40), rowsOf([['a', 'first']]), 'open')
  const [later] = rowsOf([['b', 'much longer than the first']])
  expect(widthOf(plan.line(later ?? []))).toBe(widthOf(plan.text.split('\n')[0] ?? ''))
})

test('text with control characters is shown, not obeyed', () => {
  const { text } = planTable(frame(['T']), rowsOf([['\u001b[2J\nx']]), 'closed')
  expect(text).toContain('\\x1b[2J\\nx')
})

test.each([
  [3, 'now'],
  [42, '42 s ago'],
  [90, '1 min ago'],
  [7200, '2 h ago'],
  [3 * 86_400, '3 d ago'],
  [400 * 86_400, '1 y ago'],
  [-3600, 'in 1 h'],
])('%i seconds before now is %j', (seconds, text) => {
  expect(relativeTime(new Date(now.getTime() - seconds * 1000), now)).toBe(text)
})
