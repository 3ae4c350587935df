// Typing in the console: entries of many lines, what is shown ahead, other widths, files, scripts, changed models.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { openConsole } from '../support/console.ts'
import { keys } from '../support/terminal.ts'

const project = useCliProject('repl-editing')
const right = '\u001b[C'

describe('typing in the console', () => {
  test('takes entries of many lines, gives them back as one, and finds them again in the next session', async () => {
    const { terminal, type, leave } = await openConsole(project)
    // Pasted, all at once.
    terminal.press(['const twice = n => {', '  // both', '  return n * 2', '}', ''].join('\r'))
    await terminal.sees(/\n(\.\.\.|\|) [\s\S]*goose\(here\)> $/)
    expect(terminal.shown).not.toContain('✖')
    expect(await type('twice(21)')).toContain('42')
    terminal.press(keys.up, keys.up)
    await terminal.sees(/twice = n => \{[\s\S]*return n \* 2[\s\S]*\}/)
    terminal.press(keys.ctrlC)
    await terminal.sees(/\ngoose\(here\)> /)
    terminal.press('.editor', keys.enter)
    await terminal.sees('Ctrl+D')
    terminal.press('const thrice = n =>', keys.enter, '  n * 3', keys.enter, 'thrice(14)', keys.enter, keys.ctrlD)
    await terminal.sees(/\n42\n/)
    await terminal.sees(/goose\(here\)> /)
    await leave()
    const again = await openConsole(project)
    expect(await again.type('.history /both/')).toMatch(/const twice = n => \{\n {2}\/\/ both\n {2}return n \* 2\n\}/)
    expect(await again.type('.history /thrice/')).toContain('n * 3')
    expect(await again.type('.history /(/')).toContain('Invalid regular expression')
    again.terminal.press('f(', keys.enter)
    await again.terminal.sees(/\n(\.\.\.|\|) $/)
    again.terminal.press('.break', keys.enter)
    await again.terminal.sees(/\ngoose\(here\)> /)
    expect(await again.type('1 + 1')).toContain('2')
    await again.leave()
  })

  test('shows ahead what Tab would add, and takes it with the arrow; tables follow the width of the terminal', async () => {
    const { terminal, type, leave } = await openConsole(project, [], { env: { NO_COLOR: undefined } })
    terminal.press('Book.find({ publ')
    await terminal.sees(/ished$/)
    expect(terminal.written).toContain('ished\u001b[')
    terminal.press(right)
    expect(await type(': true }).count()')).toContain('15')
    terminal.press('Book.fin', keys.backspace, keys.ctrlU)
    expect(await type('Book.find({ title: /Family/ })')).toContain('Family')
    const widest = (text: string) => Math.max(...text.split('\n').map(line => line.trimEnd().length))
    const line = "Book.find({ pages: 60 }).select('title', 'tags', 'published', 'pages', 'printedAt', 'author')"
    expect(widest((await type(line)).replace(line, ''))).toBeGreaterThan(60)
    terminal.resize(60, 30)
    await new Promise(resolve => setTimeout(resolve, 200))
    await type('1')
    const narrow = (await type(line)).split('\n').filter(text => /^[┌│├└]/.test(text))
    expect(narrow.length).toBeGreaterThan(2)
    expect(Math.max(...narrow.map(text => text.length))).toBeLessThanOrEqual(60)
    await leave()
  })

  test('asks for the word of a bulk change where lines are typed, and goes on', async () => {
    const { terminal, type, leave } = await openConsole(project)
    terminal.press(".bulk update Book --where 'pages=10' --set tags=x --json", keys.enter)
    const token = /Type (\S+) to go on/.exec(await terminal.sees(/to go on: /))?.[1] ?? ''
    expect(await type(token)).toContain('"changed"')
    expect(await type(".count Book --where 'tags=x'")).toContain('1')
    terminal.press(".bulk update Book --where 'pages=20' --set tags=x", keys.enter)
    await terminal.sees(/to go on: /)
    terminal.press(keys.ctrlC)
    await terminal.sees(/goose\(here\)> /)
    expect(await type(".count Book --where 'tags=x'")).toContain('1')
    expect(await type('.insert Book')).toMatch(/✖/)
    await leave()
  })
})

describe('the files of the console', () => {
  test('a session saved by .save runs unchanged by goose run', async () => {
    const { type, leave } = await openConsole(project)
    await type("const lost = await Book.find({ title: 'Lost' }).first()")
    await type('lost.title')
    await type('Book.find({ published: true })')
    await type("_ && Book.updateMany({ _id: ObjectId(String(lost._id)) }, { $set: { title: 'Found', pages: 4 } })")
    expect(await type('.save scripts/found.ts')).toContain('run it with `goose run scripts/found.ts`')
    expect(await type('.save scripts/found.ts')).toContain('✖')
    await type("await Book.updateMany({ title: 'Found' }, { $set: { title: 'Lost', pages: 50 } })")
    await leave()
    const ran = project.goose(['run', 'scripts/found.ts'])
    expect(ran.stderr).toContain('no more documents')
    expect(ran.status).toBe(0)
    expect(project.goose(['count', 'Book', '--where', 'title=Found', '--where', 'pages=4']).stdout).toBe('1\n')
    expect(readFileSync(join(project.folder, 'scripts/found.ts'), 'utf8')).toContain('// shown: Book.find')
  })

  test('.load evaluates a file in the session, and TypeScript as a module', async () => {
    writeFileSync(join(project.folder, 'names.js'), 'const loaded = await Author.find().count()\nloaded * 100\n')
    writeFileSync(
      join(project.folder, 'typed.ts'),
      "import { Book } from './models/book.ts'\nexport default (): Promise<number> => Book.find().count()\n",
    )
    const { type, leave } = await openConsole(project)
    expect(await type('.load names.js')).toContain('200')
    expect(await type('loaded')).toContain('2')
    expect(await type('.load typed.ts')).toContain('30')
    expect(await type('.load nowhere.js')).toContain('there is no file nowhere.js')
    await leave()
  })

  test('goose.repl.ts prepares a session; one that fails is told, and the rest works', async () => {
    const rc = join(project.folder, 'goose.repl.ts')
    writeFileSync(
      rc,
      "export const greeting: string = 'hello from rc'\nexport default (scope: any) => { scope.half = (n: number) => n / 2 }\n",
    )
    const { type, leave } = await openConsole(project)
    expect(await type('greeting')).toContain('hello from rc')
    expect(await type('half(84)')).toContain('42')
    await leave()
    expect(project.goose(['repl', '--eval', 'half(8)']).stdout).toBe('4\n')
    expect(project.goose(['repl', '--no-rc', '--eval', 'typeof half']).stdout).toContain('undefined')
    writeFileSync(rc, "throw new Error('rc is broken')\n")
    const broken = await openConsole(project)
    expect(broken.terminal.shown).toContain('rc is broken')
    expect(broken.terminal.shown).not.toMatch(/\n\s+at /)
    expect(await broken.type('Author.find().count()')).toContain('2')
    await broken.leave()
    rmSync(rc)
  })

  test('says that a model file has changed and loads it again; one that fails is told, and the rest works', async () => {
    const file = join(project.folder, 'models/shelf.ts')
    const shelf = (fields: string) =>
      writeFileSync(
        file,
        `import { model, z } from 'goose-odm'\nexport class Shelf extends model('Shelf', ${fields}) {}\n`,
      )
    mkdirSync(join(project.folder, 'models'), { recursive: true })
    shelf('{ place: z.string() }')
    const { type, leave } = await openConsole(project)
    expect(await type('.schema Shelf')).toContain('place')
    shelf('{ place: z.string(), boards: z.int() }')
    expect(await type('1')).toContain('a model file has changed: .reload loads the models again')
    expect(await type('2')).not.toContain('has changed')
    expect(await type('.reload')).toContain('loaded 6 models again')
    expect(await type('.schema Shelf')).toContain('boards')
    expect(await type('Shelf.find({ boards: { $gt: 1 } }).count()')).toContain('0')
    writeFileSync(file, "import { model } from 'goose-odm'\nexport class Shelf extends model('Shelf', {\n")
    expect(await type('.reload')).toMatch(/MODEL_LOAD_FAILED.*shelf\.ts/)
    expect(await type('Author.find().count()')).toContain('2')
    await leave()
    const broken = await openConsole(project)
    expect(broken.terminal.shown).toMatch(/MODEL_LOAD_FAILED.*shelf\.ts/)
    expect(await broken.type('Author.find().count()')).toContain('2')
    await broken.leave()
    rmSync(file)
  })
})
