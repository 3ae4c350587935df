// goose find and get as people and programs meet them: tables, lines of JSON, exit codes, what is missing.
import { describe, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const { goose } = useCliProject('find')
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('goose find in a pipe', () => {
  test('gives one complete document on each line, and says on stderr that more follow', () => {
    const { stdout, stderr, status } = goose(['find', 'Book', '--sort', '_id'])
    const documents = lines(stdout)
    expect(status).toBe(0)
    expect(documents).toHaveLength(20)
    expect(documents[1]).toEqual({
      _id: ids.book(1),
      title: 'Ficciones',
      author: ids.borges,
      tags: [],
      published: false,
      pages: 10,
      printedAt: '2026-01-02T00:00:00.000Z',
    })
    expect(stderr).toMatch(/^20 rows, more follow · next: --after [\w-]+\n$/)
  })

  test('goes on where it is told, by cursor, by number and by page', () => {
    const first = goose(['find', 'Book', '--limit', '12', '--count'])
    expect(first.stderr).toMatch(/^12 of 30 rows, more follow · next: --after \S+\n$/)
    const [, cursor = ''] = /--after (\S+)/.exec(first.stderr) ?? []
    const second = goose(['find', 'Book', '--limit', '12', '--after', cursor])
    expect(lines(second.stdout)[0]._id).toBe(ids.book(12))
    const [, back = ''] = /previous: --before (\S+)/.exec(second.stderr) ?? []
    expect(lines(goose(['find', 'Book', '--limit', '12', '--before', back]).stdout)[0]._id).toBe(ids.book(0))
    expect(lines(goose(['find', 'Book', '--limit', '3', '--before', 'end']).stdout)[2]._id).toBe(ids.book(29))

    const sorted = ['find', 'Book', '--sort', '-pages', '--limit', '10']
    expect(goose(sorted).stderr).toBe('10 rows, more follow · next: --skip 10, all: --limit 0\n')
    const third = goose([...sorted, '--page', '3', '--count'])
    expect(third.stderr).toBe('10 of 30 rows\n')
    expect(lines(third.stdout).map(book => book.pages)).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10, 0])
    expect(goose([...sorted, '--page', '2']).stderr).toContain('next: --page 3')
    expect(goose([...sorted, '--after', cursor])).toMatchObject({ status: 2 })
  })

  test('says which index was used, when more is asked for', () => {
    expect(goose(['find', 'Book', '-v']).stderr).toMatch(/ · \d+ ms · (index _id_|no index used) · next/)
    expect(goose(['find', 'Book', '-v', '--sort', '-pages']).stderr).toContain(' · no index used · ')
  })

  test.each([[['--sort', '-pages']], [['--sort=-pages']], [['-s', '-pages']], [['--sort', 'pages:desc']]])(
    'sorts downward when asked by %j',
    spelling => {
      expect(lines(goose(['find', 'Book', ...spelling, '--limit', '2']).stdout).map(book => book.pages)).toEqual([
        290, 280,
      ])
    },
  )

  test('fills in references, and a reference to nothing is null', () => {
    const { stdout } = goose(['find', 'Book', '--populate', 'author', '--sort', '_id', '--limit', '6'])
    const documents = lines(stdout)
    expect(documents[0].author).toEqual({ _id: ids.ada, name: 'Ada Lovelace', email: 'ada@example.com' })
    expect(documents[5].author).toBeNull()
  })

  test('narrows by every condition given', () => {
    const { stdout } = goose(['find', 'Book', '-w', 'published=true', '-w', 'pages>=200', '-f', '{tags: "classic"}'])
    expect(lines(stdout).map(book => book.pages)).toEqual([240])
  })

  test('reads a filter from stdin when told so, and never otherwise', () => {
    expect(lines(goose(['find', 'Book', '--filter', '-'], { input: '{"pages": 70}' }).stdout)).toHaveLength(1)
    expect(lines(goose(['find', 'Book', '--limit', '3'], { input: 'Author' }).stdout)).toHaveLength(3)
  })

  test('finds nothing quietly: no output, a sentence, exit code 0', () => {
    expect(goose(['find', 'Book', '--where', 'pages=99999'])).toEqual({
      stdout: '',
      stderr: 'no Book matches\n',
      status: 0,
    })
  })

  test('says nothing but data with --quiet', () => {
    expect(goose(['find', 'Book', '-q', '--limit', '1']).stderr).toBe('')
  })

  test('never shows a secret field unless it is asked for, and then masked', () => {
    expect(goose(['find', 'Author', '-o', 'json']).stdout).not.toMatch(/passwordHash|do-not-show/)
    const selected = goose(['find', 'Author', '--select', 'name,passwordHash']).stdout
    expect(selected).toContain('"passwordHash":"***"')
    expect(selected).not.toContain('do-not-show')
  })

  test.each([
    ['json', (text: string) => expect(JSON.parse(text)).toHaveLength(2)],
    ['ndjson', (text: string) => expect(lines(text)).toHaveLength(2)],
    ['csv', (text: string) => expect(text.split('\n')[0]).toBe('_id,title,author,tags,published,pages,printedAt')],
    ['yaml', (text: string) => expect(text.match(/^---$/gm)).toHaveLength(2)],
    ['ejson', (text: string) => expect(lines(text)[0]._id).toEqual({ $oid: ids.book(0) })],
    ['table', (text: string) => expect(text.split('\n')).toHaveLength(7)],
    ['wide', (text: string) => expect(text).toContain(ids.book(0))],
  ] as const)('answers in %s', (format, check) => {
    const { stdout, status } = goose(['find', 'Book', '--sort', '_id', '--limit', '2', '-o', format])
    expect(status).toBe(0)
    check(stdout)
  })
})

describe('goose find as a table', () => {
  test('shows labels for references, marks what is missing, and cannot be steered by data', () => {
    const { stdout } = goose([
      ...['find', 'Book', '--populate', 'author', '--sort', '_id', '--limit', '6', '--select', 'title,author,pages'],
      ...['-o', 'table', '--width', '80'],
    ])
    expect(stdout).toBe(`┌─────────┬────────────────────────────┬─────────────────────────────┬───────┐
│ ID      │ TITLE                      │ AUTHOR                      │ PAGES │
├─────────┼────────────────────────────┼─────────────────────────────┼───────┤
│ …0b0000 │ Notes                      │ Ada Lovelace (…000a01)      │     0 │
│ …0b0001 │ Ficciones                  │ Jorge Luis Borges (…000a02) │    10 │
│ …0b0002 │ 日本語のとても長いタイトル │ Ada Lovelace (…000a01)      │    20 │
│ …0b0003 │ Evil \\x1b[31mred           │ Jorge Luis Borges (…000a02) │    30 │
│ …0b0004 │ Family 👩‍👩‍👧                  │ Ada Lovelace (…000a01)      │    40 │
│ …0b0005 │ Lost                       │ (missing)                   │    50 │
└─────────┴────────────────────────────┴─────────────────────────────┴───────┘
`)
  })

  test('has colour when asked for, and none in a pipe', () => {
    const args = ['find', 'Book', '--limit', '1', '-o', 'table']
    expect(goose(args).stdout).not.toContain('\u001b[')
    expect(goose([...args, '--color']).stdout).toContain('\u001b[36m')
    expect(goose(args, { env: { FORCE_COLOR: '1' } }).stdout).toContain('\u001b[36m')
    expect(goose([...args, '--no-color'], { env: { FORCE_COLOR: '1' } }).stdout).not.toContain('\u001b[')
  })
})

describe('goose get', () => {
  test('gives one document by its id, or by the end of it', () => {
    const whole = goose(['get', 'Book', ids.book(1), '--populate', 'author'])
    expect(JSON.parse(whole.stdout)).toMatchObject({ title: 'Ficciones', author: { name: 'Jorge Luis Borges' } })
    expect(JSON.parse(goose(['get', 'book', 'b0001']).stdout).title).toBe('Ficciones')
    expect(JSON.parse(goose(['get', 'book', '…0b0001']).stdout).title).toBe('Ficciones')
  })

  test('ends with 5 when there is none, and with 2 when an end is not enough', () => {
    const absent = goose(['get', 'Book', ids.gone])
    expect(absent).toMatchObject({ status: 5, stdout: '' })
    expect(absent.stderr).toContain('DOCUMENT_NOT_FOUND')
    expect(goose(['get', 'Book', 'ffff']).status).toBe(5)
    const ambiguous = goose(['get', 'Category', 'a0c09'])
    expect(ambiguous.status).toBe(2)
    expect(ambiguous.stderr).toContain('more than one Category has an id that ends with a0c09')
    expect(goose(['get', 'Book', 'not-an-id'])).toMatchObject({ status: 2 })
  })

  test('shows a document field by field on a page for people', () => {
    const { stdout } = goose(['get', 'Book', ids.book(0), '-o', 'table'])
    expect(stdout).toBe(`_id        ${ids.book(0)}
title      Notes
author     ${ids.ada}
tags       classic
published  yes
pages      0
printedAt  2026-01-01T00:00:00.000Z
`)
  })
})
