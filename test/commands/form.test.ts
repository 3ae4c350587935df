// The form of goose insert on a terminal: field by field, references by search, a preview, and nothing without a yes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'
import { keys, type Terminal } from '../support/terminal.ts'

const project = useCliProject('form')
beforeAll(() => writeFileSync(join(project.folder, 'models/loan.ts'), loan))

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
const loans = () => lines(project.goose(['find', 'Loan', '--limit', '0']).stdout)

/** Answers every question up to the reference. */
async function begun(terminal: Terminal): Promise<void> {
  await terminal.answer('? code', 'L-17')
  await terminal.sees('? book')
}

test('a document is asked for field by field, shown whole, and inserted after a yes', async () => {
  const terminal = project.terminal(['insert', 'Loan'], { rows: 40 })
  await terminal.sees('A new Loan. Enter takes what is in brackets')
  await terminal.answer('? code', '17')
  await terminal.sees('write it as L-17')
  terminal.press(keys.backspace, keys.backspace, 'L-17', keys.enter)

  await terminal.sees(/\? book \(Book: type to search\)/)
  terminal.press('fICC')
  await terminal.sees(/❯ Ficciones \(…0b0001\)/)
  terminal.press(keys.enter)

  await terminal.sees('? state')
  terminal.press(keys.down, keys.enter)
  await terminal.answer(/\? urgent .*\(y\/N\)/, 'y')
  await terminal.answer(/\? renewals .*\(0\)/, '4')
  await terminal.sees('<=3')
  terminal.press(keys.backspace, '2', keys.enter)
  await terminal.answer(/\? dueAt \(2026-01-31, now or -2h, optional\)/, '2026-02-03')
  await terminal.answer('? fee (optional)', '1.50')
  await terminal.answer('? pin (optional)', 'sesame')
  await terminal.answer('? tags (commas between, optional)', 'a, b')
  await terminal.sees('? channels')
  terminal.press(keys.space, keys.down, keys.down, keys.space, keys.enter)
  await terminal.answer('? holder.name', 'Ada')
  await terminal.answer('? holder.phone (optional)', '')
  await terminal.answer('? witnesses: add one', 'y')
  await terminal.sees('? witnesses[0]')
  terminal.press('a01')
  terminal.press(keys.backspace, keys.backspace, keys.backspace, 'Lovel')
  await terminal.sees(/❯ Ada Lovelace/)
  terminal.press(keys.enter)
  await terminal.answer('? witnesses: add another', '')
  await terminal.answer('? remark (optional)', '')

  const preview = await terminal.sees('Insert this Loan?')
  expect(preview).toContain('code       L-17')
  expect(preview).toContain(`book       ${ids.book(1)}`)
  expect(preview).toContain('pin        ***')
  expect(preview).toContain('channels   mail, post')
  terminal.press(keys.enter)
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown).toContain('inserted 1 Loan')
  expect(terminal.shown).not.toContain('sesame')

  const [loan, ...others] = loans()
  expect(others).toEqual([])
  expect(loan).toMatchObject({
    code: 'L-17',
    book: ids.book(1),
    state: 'back',
    urgent: true,
    renewals: 2,
    dueAt: '2026-02-03T00:00:00.000Z',
    fee: '1.50',
    tags: ['a', 'b'],
    channels: ['mail', 'post'],
    holder: { name: 'Ada' },
    witnesses: [ids.ada],
    remark: null,
    createdAt: expect.any(String),
  })
  expect(loan.holder).not.toHaveProperty('phone')
  expect(project.goose(['count', 'Loan', '--where', 'pin=sesame']).stdout).toBe('1\n')
})

test.each([
  ['Ctrl-C at a text', keys.ctrlC, async (terminal: Terminal) => void (await terminal.sees('? code'))],
  ['Ctrl-C at a search', keys.ctrlC, begun],
  ['Ctrl-D', keys.ctrlD, async (terminal: Terminal) => void (await terminal.sees('? code'))],
])('%s writes nothing and ends with 3', async (_, key, reach) => {
  const before = loans().length
  const terminal = project.terminal(['insert', 'Loan'])
  await reach(terminal)
  terminal.press(key)
  expect(await terminal.ended).toBe(3)
  expect(terminal.shown).toContain('✖ DECLINED  insert Loan was declined')
  expect(loans()).toHaveLength(before)
})

test('what is shown and not meant is not written', async () => {
  const terminal = project.terminal(['insert', 'Author'])
  await terminal.answer('? name', 'Sappho')
  await terminal.answer('? email', 'sappho')
  await terminal.sees('nvalid email')
  terminal.press('@example.com', keys.enter)
  await terminal.answer('? passwordHash', '')
  await terminal.answer('Insert this Author?', 'n')
  expect(await terminal.ended).toBe(3)
  expect(project.goose(['count', 'Author']).stdout).toBe('2\n')
})

test('an answer that is refused is asked for again, and the others are kept', async () => {
  expect(project.goose(['indexes', 'sync', 'Author']).status).toBe(0)
  const terminal = project.terminal(['insert', 'Author'], { rows: 60 })
  await terminal.answer('? name', 'Another Ada')
  await terminal.answer('? email', 'ada@example.com')
  await terminal.answer('? passwordHash', '')
  await terminal.answer('Insert this Author?', '')
  await terminal.sees('✖ a Author with email "ada@example.com" exists already')
  await terminal.sees(/\? email .*\(ada@example\.com\)/)
  terminal.press('another@example.com', keys.enter)
  expect(await terminal.sees('Insert this Author?')).toContain('Another Ada')
  terminal.press(keys.enter)
  expect(await terminal.ended).toBe(0)
  expect(project.goose(['count', 'Author', '--where', 'email=another@example.com']).stdout).toBe('1\n')
})

test('answers that cannot be written are given back as a command line, without what is secret', async () => {
  writeFileSync(join(project.folder, 'models/fragile.ts'), fragile)
  const terminal = project.terminal(['insert', 'Fragile'], { rows: 60 })
  await terminal.answer('? label', "it's me")
  await terminal.answer('? weight', '7')
  await terminal.answer('? code', 'sesame')
  await terminal.answer('Insert this Fragile?', '')
  await terminal.sees(`what was answered: goose insert Fragile --data '{"label":"it'\\''s me","weight":7}'`)
  expect(await terminal.ended).toBe(1)
  expect(terminal.shown).toContain('the glass has broken')
  expect(terminal.shown).not.toContain('sesame')
})

test('a reference that may be empty is passed over, and a dry run asks and writes nothing', async () => {
  const terminal = project.terminal(['insert', 'Category', '--dry-run'])
  await terminal.answer('? name', 'Boats')
  await terminal.sees('❯ (none)')
  terminal.press(keys.enter)
  await terminal.answer('Insert this Category?', '')
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown).toContain('would insert 1 Category')
  expect(project.goose(['count', 'Category']).stdout).toBe('3\n')
})

test('nobody is asked where nobody is there', async () => {
  expect(project.goose(['insert', 'Loan'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--set') })
  const terminal = project.terminal(['insert', 'Loan', '--no-input'])
  expect(await terminal.ended).toBe(2)
})

/** A model whose documents cannot be stored. */
const fragile = `import { model, secret, z } from 'goose-odm'

export class Fragile extends model('Fragile', { label: z.string(), weight: z.int(), code: secret(z.string()) }) {
  override preSave() {
    throw new Error('the glass has broken')
  }
}
`

/** A model with a field of every kind that a form asks for. */
const loan = `import { decimal, model, ref, secret, timestamps, z } from 'goose-odm'
import { Author } from './author.ts'
import { Book } from './book.ts'

export class Loan extends model(
  'Loan',
  {
    code: z.string().regex(/^L-\\d+$/, 'write it as L-17'),
    book: ref(() => Book),
    state: z.enum(['out', 'back', 'lost']).default('out'),
    urgent: z.boolean().default(false),
    renewals: z.int().max(3).default(0),
    dueAt: z.date().optional(),
    fee: decimal().optional(),
    pin: secret(z.string().min(4)).optional(),
    tags: z.array(z.string()).default([]),
    channels: z.array(z.enum(['mail', 'phone', 'post'])).default([]),
    holder: z.object({ name: z.string(), phone: z.string().optional() }),
    witnesses: z.array(ref(() => Author)).default([]),
    remark: z.string().nullable().default(null),
  },
  { plugins: [timestamps()] },
) {}
`
