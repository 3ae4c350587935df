// What the console's sandbox commits, and how it is taken back: inserted, changed, marked and removed documents.
import { describe, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'
import { openConsole } from '../support/console.ts'

const project = useCliProject('repl-commit')

const count = (...args: readonly string[]) => Number(project.goose(['count', ...args]).stdout)
const stored = (model: string, id: string) => project.goose(['get', model, id, '-o', 'ejson']).stdout

/** Stages one document that comes, one that is changed, one that is marked as deleted and one that leaves. */
const staged = [
  "const nell = await Reader.create({ name: 'Nell' })",
  `await Book.updateMany({ _id: ObjectId('${ids.book(7)}') }, { $set: { pages: 777, title: 'Seven' } })`,
  `await Note.updateMany({ text: 'to be marked' }, { $set: { text: 'marked' } })`,
  "await Note.deleteMany({ text: 'marked' })",
  `await Author.deleteMany({ name: 'Leaving' })`,
]

describe('a commit of the console', () => {
  test('is a run that .undo takes back, and .undo again makes once more', async () => {
    const { type, leave } = await openConsole(project)
    await type(`await Note.create({ text: 'to be marked', book: ObjectId('${ids.book(1)}') })`)
    await type("await Author.create({ name: 'Leaving', email: 'leaving@example.com' })")
    const before = stored('Book', ids.book(7))
    await type('.write "JIRA-9"')
    await type('.sandbox')
    for (const line of staged) expect(await type(line)).not.toContain('✖')
    const committed = await type('.commit')
    expect(committed).toMatch(/written: .*1 Reader/)
    expect(committed).toMatch(/\.undo takes it back; later: goose undo run_/)
    expect([count('Reader'), count('Note'), count('Author')]).toEqual([1, 0, 2])
    expect(stored('Book', ids.book(7))).toContain('Seven')
    const undone = await type('.undo')
    expect(undone).toMatch(/UNDO .*restored 4/)
    expect([count('Reader'), count('Note'), count('Author')]).toEqual([0, 1, 3])
    expect(stored('Book', ids.book(7))).toBe(before)
    expect(await type('.undo')).toMatch(/UNDO .*restored 4/)
    expect([count('Reader'), count('Note'), count('Author')]).toEqual([1, 0, 2])
    await leave()
    const log = project.goose(['audit', 'log', '--model', 'Reader', '-o', 'json']).stdout
    expect(log).toContain('"repl"')
    expect(log).toContain('JIRA-9')
  })

  test('is taken back elsewhere by its id, where nobody has changed it since; the rest is listed', async () => {
    const { type, leave } = await openConsole(project, ['--sandbox'])
    const one = `ObjectId('${ids.book(10)}')`
    const other = `ObjectId('${ids.book(12)}')`
    await type(`await Book.updateMany({ _id: { $in: [${one}, ${other}] } }, { $set: { pages: 5 } })`)
    const run = /run_\w+/.exec(await type('.commit'))?.[0] ?? 'no run'
    expect(project.goose(['update', 'Book', ids.book(12), '--set', 'pages=6']).status).toBe(0)
    const undone = project.goose(['undo', run])
    expect(undone.status).toBe(6)
    expect(stored('Book', ids.book(10))).toMatch(/"pages":.*100/)
    expect(stored('Book', ids.book(12))).toMatch(/"pages":.*6/)
    await type(`await Book.updateMany({ _id: { $in: [${one}, ${other}] } }, { $set: { pages: 8 } })`)
    await type('.commit')
    expect(project.goose(['update', 'Book', ids.book(12), '--set', 'pages=9']).status).toBe(0)
    const listed = await type('.undo')
    expect(listed).toMatch(/restored 1.*conflicts 1/)
    expect(listed).toMatch(/…0b0012.*"pages" was changed since/)
    await leave()
  })

  test('writes nothing when a document has moved between the look and the write, and needs leave to write', async () => {
    const { type, leave } = await openConsole(project, ['-c', 'guarded', '--sandbox'])
    await type("await Author.updateMany({ name: 'Ada Lovelace' }, { $set: { name: 'Eve' } })")
    expect(await type('.commit')).toContain('READ_ONLY')
    expect(await type('.undo')).toContain('nothing was committed in this session')
    expect(await type('.write')).toContain('say why')
    await type('.discard')
    await leave()
    expect(count('Author', '--where', 'name=Eve')).toBe(0)
  })
})
