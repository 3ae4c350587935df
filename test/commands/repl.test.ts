// The console at a terminal and in a pipe: reading, safety, the sandbox, stopping, and what hostile data can do.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { keys, type Terminal } from '../support/terminal.ts'

const project = useCliProject('repl')

/** A console that takes a line once its prompt is there, and gives what it shows. */
async function opened(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const terminal = project.terminal(['repl', ...args], {
    columns: 120,
    rows: 40,
    env: { XDG_STATE_HOME: join(project.folder, 'state'), NO_COLOR: '1', ...env },
  })
  await terminal.sees(/goose\(.*\)> /)
  return { terminal, type: (line: string) => typed(terminal, line) }
}

async function typed(terminal: Terminal, line: string): Promise<string> {
  terminal.press(line, keys.enter)
  return terminal.sees(/\ngoose\(.*?\)> /)
}

async function leave(terminal: Terminal): Promise<void> {
  terminal.press(keys.ctrlD)
  expect(await terminal.ended).toBe(0)
}

describe('the console at a terminal', () => {
  test('greets with the connection and the models, and shows the first page of a query by itself', async () => {
    const { terminal, type } = await opened()
    expect(terminal.shown).toMatch(/goose \d+\.\d+\.\d+ · here \(.*\) · 5 models: Author Book Category Note Reader/)
    const first = await type('Book.find().sort("_id")')
    expect(first).toContain('Notes')
    expect(first).toMatch(/20 rows · \d+ ms · `it` for more/)
    expect(await type('it')).toMatch(/10 rows/)
    expect(await type('it')).toContain('there is no more')
    await leave(terminal)
  })

  test('awaits by itself, keeps the last value, and shows documents without their secrets', async () => {
    const { terminal, type } = await opened()
    const shown = await type("Author.findOne({ name: 'Ada Lovelace' })")
    expect(shown).toContain('ada@example.com')
    expect(shown).not.toContain('do-not-show')
    expect(await type('_.name')).toContain("'Ada Lovelace'")
    expect(await type('({ inside: await Author.find().first() })')).not.toContain('do-not-show')
    expect(await type('Author.find().count()')).toContain('2')
    await leave(terminal)
  })

  test('tells of errors in goose words, of syntax with its column, and of missing names', async () => {
    const { terminal, type } = await opened()
    expect(await type('Book.find({ nope: 1 })')).toContain('UNKNOWN_PATH  Book has no path "nope"')
    expect(await type('foo bar')).toMatch(/SyntaxError {2}Unexpected identifier 'bar'\s+foo bar\s+\^/)
    expect(await type('nobody')).toContain('ReferenceError  nobody is not defined')
    expect(terminal.shown).not.toMatch(/\n\s+at /)
    await leave(terminal)
  })

  test('stops what runs on Ctrl-C, waiting or not, and goes on', async () => {
    const { terminal, type } = await opened()
    for (const endless of ['await new Promise(() => {})', 'new Promise(() => {})', 'while (true) {}']) {
      terminal.press(endless, keys.enter)
      await terminal.sees(endless)
      await new Promise(resolve => setTimeout(resolve, 300))
      terminal.press(keys.ctrlC)
      await terminal.sees(/stopped[\s\S]*goose\(.*?\)> /)
    }
    expect(await type('6 * 7')).toContain('42')
    await leave(terminal)
  })

  test('completes models, methods, paths and values on Tab', async () => {
    const { terminal } = await opened()
    terminal.press('Book.find({ publ', keys.tab)
    await terminal.sees('Book.find({ published')
    terminal.press(keys.ctrlC)
    await terminal.sees('goose(here)> ')
    terminal.press('Book.find({}).s', keys.tab)
    await new Promise(resolve => setTimeout(resolve, 100))
    terminal.press(keys.tab)
    await terminal.sees(/select[\s\S]*sort/)
    terminal.press(keys.ctrlC)
    await terminal.sees(/\ngoose\(here\)> /)
    await leave(terminal)
  })

  test('runs the commands of goose with the project that is open, and shows a model', async () => {
    const { terminal, type } = await opened()
    expect(await type(".find Book --where 'pages>=0' --limit 1")).toContain('1 row')
    expect(await type('.count Author')).toContain('2')
    expect(await type('.schema Book')).toContain('→ Author')
    expect(await type('.find Nobody')).toContain('UNKNOWN_MODEL')
    expect(await type('.models')).toContain('5 models')
    await leave(terminal)
  })

  test('lets data neither move the cursor nor change the title', async () => {
    const { terminal, type } = await opened()
    const shown = await type("Book.find({ title: /^Evil/ }).select('title')")
    expect(shown).toContain('Evil \\x1b[31mred')
    await type("'\\u001b]0;owned\\u0007'")
    expect(terminal.written).not.toContain('\u001b]0;owned')
    await leave(terminal)
  })

  test('keeps the lines typed for the owner only, without secrets', async () => {
    const { terminal, type } = await opened()
    await type("'a line to keep'")
    await type("const password = 'swordfish'")
    expect(await type('.history /swordfish|to keep/')).toContain("'a line to keep'")
    await leave(terminal)
    const again = await opened()
    again.terminal.press(keys.up)
    await again.terminal.sees('.history')
    again.terminal.press(keys.ctrlC)
    const kept = await again.type('.history /swordfish/')
    expect(kept).not.toContain("const password = 'swordfish'")
    await leave(again.terminal)
  })
})

describe('the console and writes', () => {
  test('reads only on a protected connection until a reason is given', async () => {
    const { terminal, type } = await opened(['-c', 'guarded'])
    expect(terminal.shown).toContain('goose(guarded ro)>')
    expect(await type("Author.updateMany({ name: 'Ada Lovelace' }, { $set: { name: 'X' } })")).toContain('READ_ONLY')
    expect(await type("db.collection('authors').deleteMany({})")).toContain('READ_ONLY')
    expect(await type("db.collection('authors').aggregate([{ $out: 'copy' }]).toArray()")).toContain('READ_ONLY')
    expect(await type('.write')).toContain('say why')
    expect(await type('.write "JIRA-1: rename"')).toContain('goose(guarded)>')
    expect(await type("Author.updateMany({ name: 'Ada Lovelace' }, { $set: { name: 'Ada' } })")).toContain(
      'modifiedCount: 1',
    )
    expect(await type("Author.updateMany({ name: 'Ada' }, { $set: { name: 'Ada Lovelace' } })")).toContain(
      'modifiedCount: 1',
    )
    await leave(terminal)
  })

  test('stages writes in the sandbox: seen here, stored nowhere, shown by .diff, dropped by .discard', async () => {
    const { terminal, type } = await opened(['--sandbox'])
    expect(terminal.shown).toContain('goose(here sandbox)>')
    const staged = await type("Author.updateMany({ name: 'Ada Lovelace' }, { $set: { name: 'Eve' } })")
    expect(staged).toContain('goose(here sandbox*)>')
    expect(await type("Author.find({ name: 'Eve' }).count()")).toContain('1')
    expect(project.goose(['count', 'Author', '--where', 'name=Eve']).stdout).toBe('0\n')
    const diff = await type('.diff')
    expect(diff).toMatch(/Author.*name.*Ada Lovelace.*Eve/)
    expect(diff).toContain('1 document · nothing written')
    expect(await type("db.collection('authors').insertOne({})")).toContain('READ_ONLY')
    expect(await type('.discard')).toContain('dropped 1 staged line')
    expect(await type("Author.find({ name: 'Eve' }).count()")).toMatch(/\n0\n/)
    await leave(terminal)
  })

  test('writes what is staged by .commit, with its audit, as it is found then', async () => {
    const { terminal, type } = await opened(['--sandbox'])
    await type("const rosa = await Reader.create({ name: 'Rosa' })")
    await type('await rosa.update({ $inc: { fines: 3 } })')
    expect(project.goose(['count', 'Reader', '--where', 'name=Rosa']).stdout).toBe('0\n')
    expect(await type('.commit')).toContain('written: 1 Reader')
    expect(project.goose(['count', 'Reader', '--where', 'name=Rosa', '--where', 'fines=3']).stdout).toBe('1\n')
    expect(await type('(await rosa.history())[0]')).toContain("via: 'repl'")
    await type('.discard')
    await type('.sandbox')
    await type("await Reader.updateMany({ name: 'Rosa' }, { $set: { fines: 9 } })")
    const id = (await type('String(rosa._id)')).match(/[0-9a-f]{24}/)?.[0] ?? ''
    expect(project.goose(['update', 'Reader', id, '--set', 'name=Rosalind']).status).toBe(0)
    expect(await type('.commit')).toMatch(
      /PLAN_DRIFTED.*line 1 did match 1 and change 1, and would do match 0 and change 0 now/,
    )
    expect(await type('.diff')).toContain('nothing is staged')
    await leave(terminal)
  })

  test('holds a transaction open over several lines, and takes it back', async () => {
    const { terminal, type } = await opened()
    expect(await type('.tx')).toMatch(/goose\(here tx \d+s\)>/)
    await type("await Author.create({ name: 'Passing', email: 'passing@example.com' })")
    expect(await type("Author.find({ name: 'Passing' }).count()")).toContain('1')
    expect(await type('.tx abort')).toContain('taken back')
    expect(await type("Author.find({ name: 'Passing' }).count()")).toMatch(/\n0\n/)
    await leave(terminal)
  })

  test('writes who and why into the audit', async () => {
    const { terminal, type } = await opened()
    await type('.write "JIRA-812"')
    await type('.as ada@example.org')
    await type("const reader = await Reader.create({ name: 'Rita' })")
    const entry = await type('(await reader.history())[0]')
    expect(entry).toContain("via: 'repl'")
    expect(entry).toContain("reason: 'JIRA-812'")
    expect(entry).toContain('ada@example.org')
    await leave(terminal)
  })
})

describe('the console without a terminal', () => {
  test('runs what is piped in as one program and prints its last value', () => {
    const { stdout, status } = project.goose(['repl'], {
      input:
        "const ada = await Author.findOne({ email: 'ada@example.com' })\nconst twice = n => n * 2\ntwice(ada.name.length)\n",
    })
    expect({ stdout, status }).toEqual({ stdout: '24\n', status: 0 })
  })

  test('prints queries as rows, in the format asked for', () => {
    const { stdout } = project.goose(['repl', '--eval', "Author.find().sort('name').select('name')", '-o', 'csv'])
    expect(stdout.split('\n')[1]).toContain('Ada Lovelace')
    const many = project.goose(['repl', '--eval', 'Book.find()'])
    expect(many.stdout.trim().split('\n')).toHaveLength(20)
    expect(many.stderr).toContain('the first 20')
  })

  test('runs a file, with TypeScript and imports as a module', () => {
    writeFileSync(
      join(project.folder, 'count.ts'),
      "import { Book } from './models/book.ts'\nexport default async (): Promise<number> => Book.find().count()\n",
    )
    expect(project.goose(['repl', '--file', 'count.ts']).stdout).toBe('30\n')
  })

  test('ends with the exit codes of goose, and says what is wrong without a stack', () => {
    const wrong = project.goose(['repl', '--eval', 'Book.find({ nope: 1 })'])
    expect(wrong.status).toBe(2)
    const thrown = project.goose(['repl', '--eval', 'throw new TypeError("mine")'])
    expect(thrown.status).toBe(1)
    expect(thrown.stderr).toContain('CODE_FAILED  TypeError: mine')
    expect(thrown.stderr).not.toMatch(/\n\s+at /)
    const syntax = project.goose(['repl', '--eval', 'foo bar'])
    expect(syntax.stderr).toContain('column 5')
    expect(project.goose(['repl', '--eval', 'f(']).stderr).toContain('ends in the middle')
  })

  test('refuses writes on a protected connection, and takes a reason with consent', () => {
    const write = "Author.updateMany({ name: 'Nobody' }, { $set: { name: 'X' } })"
    expect(project.goose(['repl', '-c', 'guarded', '--eval', write]).status).toBe(4)
    expect(project.goose(['repl', '-c', 'guarded', '--write', 'why', '--eval', write]).status).toBe(4)
    const allowed = project.goose(['repl', '-c', 'guarded', '--write', 'why', '--confirm', 'guarded', '--eval', write])
    expect(allowed.status).toBe(0)
  })

  test('tells assistants of errors in JSON, and lets them write to no protected connection', () => {
    const { stderr, status } = project.goose(['repl', '-c', 'guarded', '--eval', 'Author.deleteMany({ name: "X" })'], {
      env: { AI_AGENT: '1' },
    })
    expect(status).toBe(4)
    expect(JSON.parse(stderr)).toMatchObject({ ok: false, code: 'READ_ONLY', exit: 4 })
    expect(JSON.parse(stderr).nextActions[0]).toContain('.sandbox')
  })

  test('stays read-only where the server has no transactions to try writes in', async () => {
    const { startEmbedded } = await import('../../src/embedded/index.ts')
    const server = await startEmbedded({ standalone: true, port: 0 })
    const tried = await new Promise<{ stderr: string; code: number | null }>(resolve => {
      const child = project.start(['repl', '--sandbox', '--eval', '1'], { env: { MONGODB_URI: server.uri } })
      let stderr = ''
      child.stderr?.on('data', text => {
        stderr += text
      })
      child.on('close', code => resolve({ stderr, code }))
    })
    await server.close()
    expect(tried.code).toBe(2)
    expect(tried.stderr).toContain('this server has no transactions, so the session is read-only')
  })

  test('keeps its history private', () => {
    const folder = join(project.folder, 'state', 'goose')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })
})
