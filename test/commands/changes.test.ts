// goose update, delete and restore: single documents, through hooks and validation, with consent where it matters.
import { describe, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const { goose } = useCliProject('changes')
const line = (text: string) => JSON.parse(text.trim().split('\n')[0] ?? 'null')
const book = (number: number) => line(goose(['get', 'Book', ids.book(number)]).stdout)

describe('goose update', () => {
  test('changes what is named, shows what has changed, and leaves the rest', () => {
    const { stdout, stderr, status } = goose([
      'update',
      'Book',
      'b0003',
      '--set',
      'title=Calm',
      '--set',
      'tags=new,old',
      '--set',
      'published=yes',
    ])
    expect(status).toBe(0)
    expect(
      stdout
        .trim()
        .split('\n')
        .map(text => JSON.parse(text)),
    ).toEqual([
      { path: 'title', from: 'Evil \u001b[31mred', to: 'Calm' },
      { path: 'tags', from: ['classic'], to: ['new', 'old'] },
      { path: 'published', from: false, to: true },
    ])
    expect(stderr).toBe(`updated Book ${ids.book(3)}\n`)
    expect(book(3)).toMatchObject({ title: 'Calm', tags: ['new', 'old'], published: true, pages: 30 })
  })

  test('takes fields away, and takes an object of changes', () => {
    expect(goose(['update', 'Book', ids.book(4), '--unset', 'printedAt', '--data', '{pages: 41}']).status).toBe(0)
    expect(book(4)).toMatchObject({ pages: 41 })
    expect(book(4)).not.toHaveProperty('printedAt')
  })

  test('only says what it would do in a dry run, and sends nothing when nothing differs', () => {
    const before = book(6)
    expect(goose(['update', 'Book', ids.book(6), '--set', 'pages=1', '-n']).stderr).toBe(
      'dry run: nothing was changed\n',
    )
    expect(book(6)).toEqual(before)
    expect(goose(['update', 'Book', ids.book(6), '--set', 'pages=60'])).toEqual({
      stdout: '',
      stderr: 'nothing to change\n',
      status: 0,
    })
  })

  test('ends with 11 for a value that does not fit, and changes nothing', () => {
    const { stderr, status } = goose(['update', 'Book', ids.book(7), '--set', 'pages=-5', '--set', 'title=x'])
    expect(status).toBe(11)
    expect(stderr).toContain('VALIDATION_FAILED  Book is not valid: pages')
    expect(book(7).title).toBe('Book 7')
  })

  test('never prints a secret, old or new', () => {
    const { stdout, stderr } = goose(['update', 'Author', ids.ada, '--set', 'passwordHash=new-secret'])
    expect(line(stdout)).toEqual({ path: 'passwordHash', from: '***', to: '***' })
    expect(stdout + stderr).not.toMatch(/do-not-show|new-secret/)
  })

  test('ends with 5 for a document that is not there, and with 2 for a field that is not', () => {
    expect(goose(['update', 'Book', ids.gone, '--set', 'pages=1']).status).toBe(5)
    expect(goose(['update', 'Book', ids.book(7), '--set', 'pges=1']).stderr).toContain('did you mean "pages"?')
    expect(goose(['update', 'Book', ids.book(7)]).status).toBe(2)
  })
})

describe('deleting for good', () => {
  test('needs the id typed again where nobody can be asked', () => {
    const refused = goose(['delete', 'Book', ids.book(20)])
    expect(refused.status).toBe(4)
    expect(refused.stderr).toBe(
      `✖ CONSENT_NEEDED  delete Book ${ids.book(20)} for good needs consent\n  add --confirm ${ids.book(20)}\n`,
    )
    expect(goose(['delete', 'Book', ids.book(20), '--confirm', 'yes']).status).toBe(4)
    expect(book(20)).toMatchObject({ title: 'Book 20' })

    expect(goose(['delete', 'Book', ids.book(20), '--confirm', ids.book(20)])).toMatchObject({ status: 0 })
    expect(goose(['get', 'Book', ids.book(20)]).status).toBe(5)
  })

  test('says what it would delete in a dry run', () => {
    expect(line(goose(['delete', 'Book', ids.book(21), '-n']).stdout)).toMatchObject({ deleted: false, hard: true })
    expect(book(21)).toMatchObject({ title: 'Book 21' })
  })
})

describe('a model that keeps deleted documents', () => {
  const insert = (text: string) =>
    line(goose(['insert', 'Note', '--set', `text=${text}`, '--set', `book=${ids.book(1)}`]).stdout)._id as string
  const count = (...flags: string[]) => Number(goose(['count', 'Note', ...flags]).stdout)

  test('is deleted without a question and brought back by id', () => {
    const id = insert('one')
    expect(goose(['delete', 'Note', id])).toMatchObject({ status: 0 })
    expect(goose(['get', 'Note', id]).status).toBe(5)
    expect(count('--deleted', 'only')).toBe(1)
    expect(goose(['get', 'Note', id, '--deleted', 'include']).status).toBe(0)
    expect(line(goose(['restore', 'Note', id]).stdout)).toMatchObject({ restored: 1, ids: [id] })
    expect(goose(['get', 'Note', id]).status).toBe(0)
    expect(goose(['restore', 'Note', id]).status).toBe(5)
  })

  test('is brought back by the operation that deleted it', () => {
    const id = insert('two')
    goose(['delete', 'Note', id])
    const { deletion } = line(goose(['get', 'Note', id, '--deleted', 'only']).stdout)
    expect(deletion.op).toEqual(expect.any(String))
    expect(line(goose(['restore', 'Note', '--op', deletion.op]).stdout)).toMatchObject({ restored: 1 })
    expect(goose(['restore', 'Note', '--op', deletion.op]).status).toBe(5)
    expect(goose(['restore', 'Note', id, '--op', deletion.op]).status).toBe(2)
  })

  test('is deleted for good only with consent', () => {
    const id = insert('three')
    expect(goose(['delete', 'Note', id, '--hard']).status).toBe(4)
    expect(goose(['delete', 'Note', id, '--hard', '--confirm', id]).status).toBe(0)
    expect(goose(['get', 'Note', id, '--deleted', 'include']).status).toBe(5)
  })

  test('cannot be restored where the model keeps nothing', () => {
    expect(goose(['restore', 'Book', ids.book(1)])).toMatchObject({ status: 2 })
  })
})

test('a protected connection demands its name for every write, and none for reading', () => {
  const guarded = ['-c', 'guarded']
  const writes = [
    ['insert', 'Book', '--set', 'title=P', '--set', `author=${ids.ada}`, '--set', 'pages=1'],
    ['update', 'Book', ids.book(8), '--set', 'pages=81'],
    ['indexes', 'sync', 'Author'],
  ]
  for (const args of writes) {
    const refused = goose([...args, ...guarded])
    expect(refused.status).toBe(4)
    expect(refused.stderr).toContain('--confirm guarded')
  }
  expect(book(8).pages).toBe(80)
  expect(goose([...writes[1]!, ...guarded, '--confirm', 'guarded']).status).toBe(0)
  expect(goose(['count', 'Book', ...guarded]).status).toBe(0)
})
