// Asking and changing by every type: what is compared, what is refused, and what is read of what is referred to.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'
import { useLines } from '../support/line.ts'

const project = useCliProject('asking')
const goose = useLines(project)
const token = '11111111-2222-4333-8444-555555555555'
const lines = (text: string) =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

beforeAll(() => {
  writeFileSync(join(project.folder, 'models/parcel.ts'), parcel)
  const data = [
    `{_id: UUID("${token}"), weight: "0.90", number: "9007199254740993", label: "AQID/w==", to: "${ids.ada}", sentAt: "2026-02-03"}`,
    `{_id: UUID("${token.replace(/1/g, '9')}"), weight: "2", number: "1", to: "${ids.gone}", pin: "swordfish"}`,
  ]
  expect(project.goose(['insert', 'Parcel', '--data', `[${data.join()}]`])).toMatchObject({ status: 0 })
  expect(
    project.goose(['insert', 'Depot', '--data', '[{_id: "north"}, {_id: "65f000000000000000000a01"}]']).status,
  ).toBe(0)
})

describe('a condition compares in the type that is stored', () => {
  test.each([
    ['weight=0.90', 1],
    ['weight!=0.90', 1],
    ['weight>0.9', 1],
    ['number=9007199254740993', 1],
    ['number<9007199254740993', 1],
    ['label=AQID/w==', 1],
    [`_id=${token}`, 1],
    [`_id in ${token},${token.replace(/1/g, '9')}`, 2],
    [`to=${ids.ada}`, 1],
    ['sentAt=2026-02-03', 1],
    ['sentAt<2026-02-03T01:00+01:00', 0],
    ['depot=null', 2],
  ])('%s', async (where, count) => {
    expect(await goose(['count', 'Parcel', '--where', where])).toEqual({ stdout: `${count}\n`, stderr: '', status: 0 })
  })

  test.each([
    ['weight=cheap', 'INVALID_FILTER', '"weight" is decimal, "cheap" is not'],
    ['weight!=cheap', 'INVALID_FILTER', '"weight" is decimal, "cheap" is not'],
    ['_id=5555', 'INVALID_FILTER', '"_id" is uuid, "5555" is not'],
    ['to=0a01', 'INVALID_FILTER', '"to" is objectId, "0a01" is not'],
    ['number~=9', 'INVALID_FILTER', 'regular expressions look at text'],
    ['to.name=Ada', 'UNKNOWN_PATH', '"to" is a reference and holds a key alone'],
    ['$where=1', 'USAGE', 'begins with no path'],
    ['sentAt<soon', 'USAGE', '"soon" is no time'],
    ['sentAt=2026-02-30', 'USAGE', '"2026-02-30" is no time'],
    ['sentAt exists perhaps', 'USAGE', 'neither true nor false'],
  ])('%s could never hold, and is refused', async (where, code, reason) => {
    const { stdout, stderr, status } = await goose(['count', 'Parcel', '--where', where])
    expect(stderr).toContain(`✖ ${code}  `)
    expect(stderr).toContain(reason)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })
})

describe('what is written', () => {
  test.each([
    [['insert', 'Parcel', '--set', 'weight=1', '--set', 'number=2', '--set', 'to=nobody'], 'to: expected an id'],
    [['update', 'Parcel', token, '--set', 'to=nobody'], 'to: expected an id'],
    [['update', 'Parcel', token, '--set', 'depot=5', '--set', 'sentAt=5'], 'sentAt: expected date'],
  ])('%j stores nothing of a wrong type', async (argv, reason) => {
    const { stderr, status } = await goose(argv)
    expect(stderr).toContain('✖ VALIDATION_FAILED  ')
    expect(stderr).toContain(reason)
    expect(status).toBe(11)
  })

  test('refers by the ids of its target, also where they look like ids of another kind', async () => {
    for (const id of ['north', '65f000000000000000000a01']) {
      expect((await goose(['update', 'Parcel', token, '--set', `depot=${id}`])).status).toBe(0)
      const found = await goose([
        'find',
        'Parcel',
        '--where',
        `depot=${id}`,
        '--populate',
        'depot',
        '--select',
        'depot',
      ])
      expect(lines(found.stdout)).toEqual([{ _id: token, depot: { _id: id } }])
    }
  })

  test('is never an id, nor what a plugin keeps; a document may be given back as it was read', async () => {
    const { stdout } = await goose(['insert', 'Note', '--data', `{text: "x", book: "${ids.book(1)}"}`, '-o', 'json'])
    const { _id } = JSON.parse(stdout)
    for (const [set, why] of [
      ['_id=65f000000000000000000a99', 'never changes'],
      ['deletedAt=now', 'is written by goose delete'],
      ['deletion.op=x', 'is written by goose delete'],
    ]) {
      const { stderr, status } = await goose(['update', 'Note', _id, '--set', String(set)])
      expect(stderr).toContain(String(why))
      expect(status).toBe(2)
    }
    const read = JSON.parse((await goose(['get', 'Note', _id, '-o', 'json'])).stdout)
    const data = JSON.stringify({ ...read, text: 'y' })
    const changed = await goose(['update', 'Note', _id, '--data', data])
    expect(lines(changed.stdout)).toEqual([{ path: 'text', from: 'x', to: 'y' }])
    expect((await goose(['update', 'Note', _id, '--set', 'text=z', '--unset', 'text'])).stderr).toContain(
      '"text" is both set and taken away',
    )
  })

  test('that is only marked as deleted is said to be so', async () => {
    const { stdout } = await goose(['insert', 'Note', '--data', `{text: "gone", book: "${ids.book(1)}"}`, '-o', 'json'])
    const { _id } = JSON.parse(stdout)
    expect((await goose(['delete', 'Note', _id])).status).toBe(0)
    for (const argv of [
      ['get', 'Note', _id],
      ['update', 'Note', _id, '--set', 'text=x'],
      ['delete', 'Note', _id],
    ]) {
      const { stderr, status } = await goose(argv)
      expect(stderr).toContain(`no Note with _id ${_id}: it is deleted, see goose restore Note ${_id}`)
      expect(status).toBe(5)
    }
  })
})

describe('what is read', () => {
  test('by a UUID, and by the end of no UUID', async () => {
    expect(JSON.parse((await goose(['get', 'Parcel', token.toUpperCase(), '--select', 'weight'])).stdout)).toEqual({
      _id: token,
      weight: '0.90',
    })
    expect((await goose(['get', 'Parcel', '5555'])).status).toBe(2)
  })

  test('of what is referred to, path by path, with what is missing marked', async () => {
    const asked = ['find', 'Parcel', '--populate', 'to', '--select', 'weight,to.name', '--sort', 'weight']
    expect(lines((await goose(asked)).stdout)).toEqual([
      { _id: token, weight: '0.90', to: { _id: ids.ada, name: 'Ada Lovelace' } },
      { _id: token.replace(/1/g, '9'), weight: '2', to: null },
    ])
    const table = (await goose([...asked, '-o', 'table'])).stdout
    expect(table).toContain('│ ID')
    expect(table).toMatch(/TO\.NAME.*Ada Lovelace.*\(missing\)/s)
    const without = await goose([
      'find',
      'Parcel',
      '-p',
      'to',
      '--select',
      '-to.email,-label',
      '--where',
      `to=${ids.ada}`,
    ])
    expect(lines(without.stdout)[0].to).toEqual({ _id: ids.ada, name: 'Ada Lovelace' })
    expect((await goose(['find', 'Parcel', '--select', 'to.name'])).stderr).toContain('populate it to read')
    expect((await goose(['find', 'Parcel', '-p', 'to', '--select', 'to.nme'])).stderr).toContain(
      'Author has no path "nme"\n  did you mean "name"?',
    )
    const deep = [
      'find',
      'Note',
      '-p',
      'book,book.author',
      '--select',
      'text,book.title,book.author.name',
      '--limit',
      '1',
    ]
    expect(lines((await goose(deep)).stdout)[0].book).toEqual({
      _id: ids.book(1),
      title: 'Ficciones',
      author: { _id: ids.borges, name: 'Jorge Luis Borges' },
    })
  })

  test('page by page, also where the id is left out', async () => {
    const first = await goose(['find', 'Book', '--limit', '2', '--select', '-_id,-tags'])
    expect(lines(first.stdout)[0]).not.toHaveProperty('_id')
    const [, cursor = ''] = /--after (\S+)/.exec(first.stderr) ?? []
    const second = await goose(['find', 'Book', '--limit', '2', '--select', '-_id', '--after', cursor])
    expect(lines(second.stdout).map(({ pages }) => pages)).toEqual([20, 30])
  })

  test('never of a secret, nor of one item of a list as if it were the list', async () => {
    const listed = await goose(['distinct', 'Parcel', 'pin'])
    expect(listed).toMatchObject({ stdout: '', status: 2 })
    expect(listed.stderr).toContain('"pin" of Parcel is secret')
    expect((await goose(['find', 'Book', '--select', 'tags.0'])).stderr).toContain('select "tags"')
  })
})

test('a way through a tree may meet the same label twice', async () => {
  const add = async (name: string, parent: string | null) =>
    JSON.parse((await goose(['insert', 'Category', '--data', JSON.stringify({ name, parent }), '-o', 'json'])).stdout)
      ._id
  const toys = await add('Toys', null)
  const parts = await add('Parts', toys)
  const inner = await add('Toys', parts)
  const found = await goose(['breadcrumbs', 'Category', 'Toys > Parts > Toys', '-o', 'json'])
  expect(JSON.parse(found.stdout).data.map(({ _id }: { _id: string }) => _id)).toEqual([toys, parts, inner])
  expect((await goose(['breadcrumbs', 'Category', inner, '--parent', 'name'])).stderr).toContain('holds no id')
  expect((await goose(['breadcrumbs', 'Category', ' '])).stderr).toContain('an empty path leads nowhere')
})

test('a small result is CSV that a reader of CSV takes back', async () => {
  const { stdout } = await goose(['distinct', 'Book', 'title', '--where', 'pages in 0,10', '-o', 'csv'])
  expect(stdout.split('\n').sort()).toEqual(['', 'Ficciones', 'Notes'])
  expect((await goose(['insert', 'Author', '--set', 'name=A, "B"', '--set', 'email=ab@example.com'])).status).toBe(0)
  const names = ['distinct', 'Author', 'name', '--where', 'email=ab@example.com', '-o', 'csv']
  expect((await goose(names)).stdout).toBe('"A, ""B"""\n')
  expect((await goose(['count', 'Category', '--where', 'name=Toys', '-o', 'csv'])).stdout).toBe('2\n')
})

test('an index that the model declares is to be made, one that it does not is to be declared', async () => {
  const tryLine = async (...argv: readonly string[]) =>
    /try .*/.exec((await goose(['explain', ...argv, '-o', 'table'])).stdout)?.[0]
  expect(await tryLine('Author', '--where', 'email=x')).toContain('goose indexes sync Author, which the model declares')
  expect(await tryLine('Note', '--where', 'place.page=1', '--sort', '-text')).toContain(
    "indexes: [{ key: { 'place.page': 1, text: -1 } }]",
  )
})

const parcel = `import { binary, decimal, long, model, ref, secret, uuid, z } from 'goose-odm'
import { Author } from './author.ts'

export class Depot extends model('Depot', { _id: z.string() }) {}
export class Parcel extends model('Parcel', {
  _id: uuid(),
  weight: decimal(),
  number: long(),
  label: binary().optional(),
  to: ref(() => Author),
  depot: ref(() => Depot).optional(),
  sentAt: z.date().optional(),
  pin: secret(z.string()).optional(),
}) {}
`
