// How goose behaves when something is wrong: exit codes, sentences, JSON errors, pipes and signals.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'

const { folder, goose, start } = useCliProject('conduct')

describe('what is not there is named, with the nearest that is', () => {
  test.each([
    [['fnd', 'Book'], 'UNKNOWN_COMMAND', 'did you mean "find"?'],
    [['models', 'lst'], 'UNKNOWN_COMMAND', 'did you mean "models list"?'],
    [['find', 'Bok'], 'UNKNOWN_MODEL', 'did you mean "Book"?'],
    [['find', 'Book', '--limt', '3'], 'UNKNOWN_FLAG', 'did you mean "--limit"?'],
    [['find', 'Book', '--where', 'titel=x'], 'UNKNOWN_PATH', 'did you mean "title"?'],
    [['find', 'Book', '--sort', 'page'], 'UNKNOWN_PATH', 'did you mean "pages"?'],
    [['find', 'Book', '--select', 'autor'], 'UNKNOWN_PATH', 'did you mean "author"?'],
    [['find', 'Book', '--populate', 'autor'], 'UNKNOWN_PATH', 'did you mean "author"?'],
    [['find', 'Book', '--filter', '{pages: {$gtt: 5}}'], 'INVALID_FILTER', 'did you mean "$gt"?'],
    [['find', 'Book', '-c', 'her'], 'UNKNOWN_CONNECTION', 'did you mean "here"?'],
    [['insert', 'Book', '--set', 'titel=x'], 'UNKNOWN_PATH', 'did you mean "title"?'],
    [['help', 'fnd'], 'UNKNOWN_COMMAND', 'did you mean "find"?'],
    [['help', 'enviroment'], 'UNKNOWN_COMMAND', 'did you mean "environment"?'],
  ])('%j', (args, code, hint) => {
    const { stdout, stderr, status } = goose(args)
    expect(stderr).toContain(`✖ ${code}  `)
    expect(stderr).toContain(hint)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })
})

describe('what cannot be meant ends with 2 and sends nothing', () => {
  test.each([
    [['find']],
    [['find', 'Book', 'extra']],
    [['find', 'Book', '--limit', 'many']],
    [['find', 'Book', '--limit=-5']],
    [['find', 'Book', '--limit']],
    [['find', 'Book', '--output', 'xml']],
    [['find', 'Book', '--timeout', 'soon']],
    [['find', 'Book', '--filter', '']],
    [['find', 'Book', '--filter', 'nonsense(']],
    [['find', 'Book', '--filter', '{pages: undefined}']],
    [['find', 'Book', '--filter', '@nowhere.json']],
    [['find', 'Book', '--where', 'pages']],
    [['find', 'Book', '--where', 'pages=many']],
    [['find', 'Book', '--sort', 'pages:sideways']],
    [['find', 'Book', '--deleted', 'only']],
    [['find', 'Book', '--config', 'nowhere.ts']],
    [['find', 'Book', '--models', 'nowhere/*.ts']],
    [['insert', 'Book']],
    [['insert', 'Book', '--data', '']],
    [['-q']],
    [['init', '--model', 'not a name']],
  ])('%j', args => {
    const { stdout, stderr, status } = goose(args)
    expect(stderr).toMatch(/^✖ [A-Z_]+ {2}\S/)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })
})

describe('errors for programs', () => {
  test('name flags that exclude each other', () => {
    const { stderr, status } = goose(['find', 'Book', '--json', '-o', 'table'])
    expect(JSON.parse(stderr)).toMatchObject({ code: 'USAGE', message: expect.stringContaining('--json') })
    expect(status).toBe(2)
  })

  test.each([[['--json']], [['-o', 'ndjson']], [['--output=json']]])(
    'are one line of JSON on stderr with %j',
    flags => {
      const { stdout, stderr, status } = goose(['find', 'Bok', ...flags])
      expect(stdout).toBe('')
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(JSON.parse(stderr)).toEqual({
        ok: false,
        code: 'UNKNOWN_MODEL',
        message: 'model "Bok" is not defined',
        why: null,
        nextActions: ['did you mean "Book"? run `goose models` to list all 5'],
        meta: { name: 'Bok' },
        exit: 2,
      })
      expect(status).toBe(2)
    },
  )

  test('hold no configuration when a flag is unknown', () => {
    const { stderr } = goose(['find', 'Book', '--json', '--nonsense'])
    expect(stderr.length).toBeLessThan(500)
    expect(JSON.parse(stderr).code).toBe('UNKNOWN_FLAG')
  })
})

describe('a database out of reach', () => {
  test('ends with 10 within the time given, and no password is shown', () => {
    const { stdout, stderr, status } = goose(['find', 'Book', '-c', 'nowhere', '--timeout', '300ms'])
    expect(status).toBe(10)
    expect(stdout).toBe('')
    expect(stderr).toContain('NOT_CONNECTED')
    expect(stderr).toContain('mongodb://user:***@127.0.0.1:1/')
    expect(stderr).not.toContain('swordfish')
  })

  test('is no reason to show a stack, unless --debug asks for it', () => {
    const args = ['count', 'Book', '-c', 'nowhere', '--timeout', '300ms']
    expect(goose(args).stderr).not.toMatch(/\n\s+at /)
    const debug = goose([...args, '--debug']).stderr
    expect(debug).toMatch(/\n\s+at /)
    expect(debug).not.toContain('swordfish')
  })

  test('may be given by a file, and by stdin', () => {
    const options = { input: 'mongodb://user:swordfish@127.0.0.1:1/\n' }
    const { stderr, status } = goose(['count', 'Book', '--uri-file', '-', '--timeout', '300ms'], options)
    expect(status).toBe(10)
    expect(stderr).not.toContain('swordfish')
  })
})

describe('count, insert and models', () => {
  test('count gives a number, and an envelope for programs', () => {
    expect(goose(['count', 'Book'])).toEqual({ stdout: '30\n', stderr: '', status: 0 })
    expect(JSON.parse(goose(['count', 'Book', '--where', 'pages>99999', '--json']).stdout)).toEqual({
      ok: true,
      data: 0,
    })
  })

  test('insert validates, applies defaults and types text by the model', () => {
    const args = [
      '--set',
      'title=New',
      '--set',
      'author=65f000000000000000000a01',
      '--set',
      'pages=12',
      '--set',
      'tags=a,b',
    ]
    const { stdout, status } = goose(['insert', 'Book', ...args, '--set', 'printedAt=2026-02-03'])
    expect(status).toBe(0)
    const { _id, ...rest } = JSON.parse(stdout)
    expect(_id).toMatch(/^[0-9a-f]{24}$/)
    expect(rest).toEqual({
      title: 'New',
      author: '65f000000000000000000a01',
      tags: ['a', 'b'],
      published: false,
      pages: 12,
      printedAt: '2026-02-03T00:00:00.000Z',
    })
  })

  test('insert takes many documents from stdin, dates as text', () => {
    const documents = [1, 2, 3].map(pages => ({
      title: `S${pages}`,
      author: '65f000000000000000000a01',
      pages,
      printedAt: '2026-01-01',
    }))
    const input = documents.map(document => JSON.stringify(document)).join('\n')
    const { stdout, stderr } = goose(['insert', 'Book', '--data', '-'], { input })
    expect(JSON.parse(stdout)).toMatchObject({
      inserted: 3,
      ids: [expect.any(String), expect.any(String), expect.any(String)],
    })
    expect(stderr).toBe('')
    expect(goose(['count', 'Book', '--where', 'title~=^S[123]$', '--where', 'printedAt=2026-01-01']).stdout).toBe('3\n')
  })

  test('insert ends with 11 when the document is not valid, or exists already', () => {
    const invalid = goose(['insert', 'Author', '--set', 'name=X', '--set', 'email=nonsense'])
    expect(invalid).toMatchObject({ status: 11, stdout: '' })
    expect(invalid.stderr).toContain('VALIDATION_FAILED  Author is not valid: email')
    expect(
      goose([
        'insert',
        'Author',
        '--data',
        '{"_id": {"$oid": "65f000000000000000000a01"}, "name": "X", "email": "x@example.com"}',
      ]),
    ).toMatchObject({
      status: 11,
    })
  })

  test('models lists what the project has', () => {
    const { stdout } = goose(['models', '-o', 'json'])
    expect(JSON.parse(stdout).map((model: { name: string; file: string }) => [model.name, model.file])).toEqual([
      ['Author', 'models/author.ts:4'],
      ['Book', 'models/book.ts:5'],
      ['Category', 'models/category.ts:4'],
      ['Note', 'models/note.ts:5'],
      ['Reader', 'models/reader.ts:4'],
    ])
    expect(goose(['models', 'list', '-o', 'json']).stdout).toBe(stdout)
  })
})

describe('where the words stand', () => {
  test('a condition before the model does not take the model', () => {
    const { stdout, status } = goose(['find', '--where', 'pages>=280', '--select', 'title', 'Book'])
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(2)
  })

  test('NO_COLOR wins over FORCE_COLOR, and nothing is said about it', () => {
    const { stdout, stderr } = goose(['find', 'Book', '--limit', '1', '-o', 'table', '--quiet'], {
      env: { NO_COLOR: '1', FORCE_COLOR: '1' },
    })
    expect(stdout).toContain('Notes')
    expect(stdout).not.toContain('\u001b')
    expect(stderr).toBe('')
  })
})

describe('pipes and signals', () => {
  test('a reader that goes away ends goose quietly', async () => {
    const child = start(['find', 'Book', '--limit', '0', '-o', 'ndjson'])
    let stderr = ''
    child.stderr?.on('data', chunk => {
      stderr += chunk
    })
    child.stdout?.once('data', () => child.stdout?.destroy())
    const [code] = await once(child, 'exit')
    expect({ code, stderr: stderr.replace(/^\d+ rows.*\n/, '') }).toEqual({ code: 0, stderr: '' })
  })

  test('goose does not wait for a stdin that nobody closes', async () => {
    const child = start(['count', 'Author'])
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while waiting for a server ends with %i', async (signal, expected) => {
    const child = start(['count', 'Book', '-c', 'nowhere', '--timeout', '60s', '--verbose'])
    await once(child.stderr!, 'data')
    child.kill(signal)
    const [code] = await once(child, 'exit')
    expect(code).toBe(expected)
  })
})

describe('help', () => {
  test('no arguments, help and --help show what there is', () => {
    for (const args of [[], ['help'], ['--help'], ['-h']]) {
      const { stdout, status } = goose(args)
      expect(status).toBe(0)
      expect(stdout).toMatch(/^ {2}find +Find documents of a model\.$/m)
      expect(stdout).toContain('goose help filters|exit-codes|environment|formatting|safety')
    }
  })

  test.each(['filters', 'exit-codes', 'environment', 'formatting', 'safety'])('goose help %s explains it', topic => {
    const { stdout, status } = goose(['help', topic])
    expect(status).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${topic.replace('-', ' ').toUpperCase()}\n`))
  })

  test('help of a command begins with examples, wherever it is asked for', () => {
    const { stdout } = goose(['help', 'find'])
    expect(stdout.indexOf('EXAMPLES')).toBeLessThan(stdout.indexOf('FLAGS\n'))
    expect(goose(['find', '--help']).stdout).toBe(stdout)
    expect(goose(['find', 'Book', '-h']).stdout).toBe(stdout)
  })

  test('help of a command ends with the page that explains it', () => {
    const [, page = ''] = /^MORE\n +(\S+)\n/m.exec(goose(['help', 'find']).stdout) ?? []
    expect(page).toMatch(/docs\/queries\.md#filters$/)
    expect(existsSync(resolve(folder, page.split('#')[0]!))).toBe(true)
  })

  test('the version is shown without loading anything', () => {
    expect(goose(['--version']).stdout).toMatch(/^goose-odm\/\d+\.\d+\.\d+ \S+ node-v\d+/)
  })
})
