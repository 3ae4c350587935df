// Trees, models, indexes, plans and connections as goose shows them.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const project = useCliProject('pictures')
const { goose } = project
const json = (args: readonly string[]) => JSON.parse(goose([...args, '-o', 'json']).stdout)

describe('trees', () => {
  test('breadcrumbs go from the root to a document, by id and by path', () => {
    const expected = { stdout: 'Products > Electronics > Laptops\n', stderr: '', status: 0 }
    expect(goose(['breadcrumbs', 'Category', ids.laptops])).toEqual(expected)
    expect(goose(['breadcrumbs', 'Category', 'Products > Electronics > Laptops'])).toEqual(expected)
    expect(goose(['breadcrumbs', 'Category', 'Laptops'])).toEqual(expected)
    expect(json(['breadcrumbs', 'Category', ids.electronics])).toEqual({
      ok: true,
      data: [
        { _id: ids.root, name: 'Products' },
        { _id: ids.electronics, name: 'Electronics' },
      ],
    })
    expect(goose(['breadcrumbs', 'Category', 'Products > Boats']).status).toBe(5)
    expect(goose(['breadcrumbs', 'Author', ids.ada])).toMatchObject({ status: 2 })
  })

  test('breadcrumbs of all documents are listed, and nothing else is guessed', () => {
    expect(json(['breadcrumbs', 'Category', '--all', '--sep', '/'])).toEqual([
      { _id: ids.root, path: 'Products' },
      { _id: ids.electronics, path: 'Products/Electronics' },
      { _id: ids.laptops, path: 'Products/Electronics/Laptops' },
    ])
    expect(goose(['breadcrumbs', 'Category'])).toMatchObject({ status: 2, stdout: '' })
    expect(goose(['breadcrumbs', 'Category', ids.root, '--all'])).toMatchObject({ status: 2, stdout: '' })
  })

  test('a tree hangs together, to the depth asked for', () => {
    expect(goose(['tree', 'Category']).stdout).toBe('Products\n└── Electronics\n    └── Laptops\n')
    expect(goose(['tree', 'Category', '--depth', '2']).stdout).toBe('Products\n└── Electronics\n')
    expect(goose(['tree', 'Category', 'Electronics']).stdout).toBe('Electronics\n└── Laptops\n')
    expect(json(['tree', 'Category', '--depth', '2']).data).toEqual([
      { _id: ids.root, name: 'Products', children: [{ _id: ids.electronics, name: 'Electronics' }] },
    ])
  })

  test('a parent that is gone, and a cycle, are shown and end with 9', () => {
    const orphan = JSON.parse(
      goose(['insert', 'Category', '--set', 'name=Orphan', '--set', `parent=${ids.gone}`]).stdout,
    )._id
    expect(goose(['breadcrumbs', 'Category', orphan])).toMatchObject({
      stdout: `(missing ${ids.gone}) > Orphan\n`,
      status: 9,
    })
    const one = JSON.parse(goose(['insert', 'Category', '--set', 'name=One']).stdout)._id
    const two = JSON.parse(goose(['insert', 'Category', '--set', 'name=Two', '--set', `parent=${one}`]).stdout)._id
    expect(goose(['update', 'Category', one, '--set', `parent=${two}`]).status).toBe(0)
    const cycle = goose(['breadcrumbs', 'Category', two])
    expect(cycle).toMatchObject({ stdout: `(cycle ${two}) > One > Two\n`, status: 9 })
    const all = goose(['breadcrumbs', 'Category', '--all'])
    expect(all).toMatchObject({ status: 9, stderr: '6 Category, 3 without a way to a root\n' })
    const tree = goose(['tree', 'Category'])
    expect(tree.status).toBe(9)
    expect(tree.stdout).toContain('Orphan')
    expect(tree.stderr).toContain('1 with a parent that is gone')
    expect(tree.stderr).toContain('2 lie in a cycle')
  })
})

describe('models', () => {
  test('show lists fields, references and indexes', () => {
    expect(json(['models', 'show', 'Author'])).toEqual([
      { path: '_id', type: 'objectId', required: false, notes: 'default' },
      { path: 'name', type: 'string', required: true, notes: '' },
      { path: 'email', type: 'string', required: true, notes: '' },
      { path: 'passwordHash', type: 'string', required: false, notes: 'secret' },
    ])
    const { stderr } = goose(['models', 'show', 'author'])
    expect(stderr).toBe(
      'Author is stored in authors, declared in models/author.ts:4\nindex email unique\nAuthor\n└─ author ◂── Book\n',
    )
  })

  test('diagram draws references, as text and for Mermaid', () => {
    expect(goose(['models', 'diagram']).stdout).toBe(`Author
Book
└─ author ──▸ Author
Category
└─ parent ──▸ Category (may be missing)
Note
└─ book ──▸ Book
Reader
`)
    const mermaid = goose(['models', 'diagram', '--format', 'mermaid']).stdout
    expect(mermaid).toMatch(/^erDiagram\n {2}Author \{\n {4}objectId id\n/)
    expect(mermaid).toContain('  Book }o--|| Author : "author"\n  Category }o--o| Category : "parent"\n')
  })

  test('check finds stored documents that do not fit', () => {
    expect(goose(['models', 'check', 'Author'])).toMatchObject({ status: 0, stdout: '' })
    const models = join(project.folder, 'models/author.ts')
    const text = readFileSync(models, 'utf8')
    writeFileSync(models, text.replace('z.string().min(1)', 'z.string().min(15)').replace('email: z.email(),', ''))
    try {
      const { stdout, status } = goose(['models', 'check', 'Author'])
      expect(status).toBe(9)
      const rows = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      expect(rows.map(row => [row.path, row.documents, row.ids])).toEqual([
        ['email', 2, [ids.ada, ids.borges]],
        ['name', 1, [ids.ada]],
      ])
    } finally {
      writeFileSync(models, text)
    }
  })
})

describe('indexes and plans', () => {
  test('a missing index is a finding until it is made', () => {
    expect(goose(['indexes', 'diff', 'Author'])).toMatchObject({ status: 9 })
    expect(json(['indexes', 'sync', 'Author'])).toEqual([
      { model: 'Author', index: 'email_1', state: 'created', differs: '' },
    ])
    expect(json(['indexes', 'diff', 'Author'])).toEqual([
      { model: 'Author', index: 'email_1', state: 'ok', differs: '' },
    ])
    expect(goose(['indexes', 'sync', '--drop'])).toMatchObject({ status: 4 })
  })

  test('explain says what was read, and which index would help', () => {
    const { data } = json([
      'explain',
      'Book',
      '--where',
      'published=true',
      '--where',
      'pages>100',
      '--sort',
      '-printedAt',
    ])
    expect(data).toMatchObject({ scans: true, index: null, suggestion: { published: 1, printedAt: -1, pages: 1 } })
    expect(goose(['explain', 'Book', '--where', 'pages>100', '--strict']).status).toBe(9)
    const indexed = json(['explain', 'Author', '--where', 'email=ada@example.com']).data
    expect(indexed).toMatchObject({ scans: false, index: 'email_1' })
  })

  test('distinct lists values, one on each line', () => {
    expect(goose(['distinct', 'Book', 'tags']).stdout).toBe('"classic"\n')
    expect(json(['distinct', 'Book', 'pages', '--where', 'pages<30'])).toEqual({ ok: true, data: [0, 10, 20] })
    expect(goose(['distinct', 'Book', 'tag']).stderr).toContain('did you mean "tags"?')
  })
})

describe('connections', () => {
  test('are listed with their origin, passwords masked', () => {
    const { stdout } = goose(['connection', '-o', 'json'])
    expect(stdout).not.toContain('swordfish')
    const rows = JSON.parse(stdout)
    expect(rows.map((row: { name: string }) => row.name)).toEqual(['here', 'guarded', 'nowhere'])
    expect(rows[0]).toMatchObject({ source: 'goose.config', current: true, protected: false })
    expect(rows[2].uri).toBe('mongodb://user:***@127.0.0.1:1/')
  })

  test('are added for the user by stdin or variable, readable by nobody else, and can be used', () => {
    const added = goose(['connection', 'add', 'mine', '--uri-file', '-', '--protected'], {
      input: 'mongodb://me:swordfish@127.0.0.1:1/\n',
    })
    expect(added.status).toBe(0)
    expect(added.stdout).not.toContain('swordfish')
    expect(statSync(join(project.folder, 'config/goose/config.json')).mode & 0o077).toBe(0)
    expect(goose(['connection', 'add', 'ours', '--env', 'OURS_URL']).status).toBe(0)
    expect(goose(['connection', 'list', '-o', 'json']).stdout).toContain('from OURS_URL, which is not set')
    expect(goose(['connection', 'use', 'mine']).status).toBe(0)
    expect(goose(['connection', 'use', 'myne']).stderr).toContain('did you mean "mine"?')
    expect(goose(['connection', 'add', 'bad name', '--env', 'X']).status).toBe(2)
    expect(goose(['connection', 'add', 'bad', '--uri-file', '-'], { input: 'not a uri' }).status).toBe(2)
    expect(goose(['connection', 'add', 'bad']).status).toBe(2)
  })

  test('ping says what answers, and ends with 10 where nothing does', () => {
    expect(JSON.parse(goose(['ping', '--json']).stdout)).toMatchObject({
      ok: true,
      data: { name: 'here', milliseconds: expect.any(Number) },
    })
    expect(goose(['connection', 'test', 'nowhere', '--timeout', '300ms']).status).toBe(10)
  })
})

test('doctor names what is wrong and what mends it', () => {
  const { stdout, status } = goose(['doctor', 'Book', '-o', 'json'])
  expect(status).toBe(9)
  expect(JSON.parse(stdout)).toEqual([
    {
      model: 'Book',
      finding: 'orphan reference',
      path: 'author',
      count: 1,
      detail: `Author ${ids.gone} gone`,
      mend: `goose delete Book ${ids.book(5)}`,
    },
  ])
  expect(goose(['doctor', 'Note'])).toMatchObject({ status: 0, stdout: '' })
})

test('a field that is declared unique and is not yet kept unique is told of, until indexes are made', () => {
  writeFileSync(join(project.folder, 'models/shelf.ts'), shelf)
  try {
    const first = goose(['insert', 'Shelf', '--set', 'label=A'])
    expect(first.stderr).toBe('inserted 1 Shelf\nlabel is not kept unique yet: goose indexes sync Shelf\n')
    expect(json(['doctor', 'Shelf'])).toMatchObject([
      { finding: 'unique index missing', path: 'label', mend: 'goose indexes sync Shelf' },
    ])
    expect(goose(['indexes', 'sync', 'Shelf']).status).toBe(0)
    expect(goose(['insert', 'Shelf', '--set', 'label=B']).stderr).toBe('inserted 1 Shelf\n')
    expect(goose(['insert', 'Shelf', '--set', 'label=B']).status).toBe(11)
    expect(goose(['doctor', 'Shelf']).status).toBe(0)
  } finally {
    rmSync(join(project.folder, 'models/shelf.ts'))
  }
})

const shelf = `import { model, z } from 'goose-odm'

export class Shelf extends model('Shelf', { label: z.string() }, { indexes: [{ key: { label: 1 }, unique: true }] }) {}
`
