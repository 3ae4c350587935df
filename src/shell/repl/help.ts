// The help of the console: what can be typed, and its dot commands with an example each.
import type { Desk } from './desk.ts'
import { gooseCommands, ownCommands, runGooseCommand, wordsOf } from './dot-commands.ts'

/** Answers `.help`, and `.help find`. */
export async function showHelp(words: string, desk: Desk): Promise<void> {
  const name = words.trim().replace(/^\./, '')
  const own = ownCommands[name]
  if (name === '') return desk.print(helpText())
  if (own) return desk.print([`.${name}  ${own.help}`, ...(own.example ? [`  ${own.example}`] : [])].join('\n'))
  await runGooseCommand(['help', ...wordsOf(name)], desk)
}

function helpText(): string {
  const own = Object.entries(ownCommands).map(([name, { help, example }]) => [`.${name}`, help, example ?? ''] as const)
  const widest = Math.max(...own.map(([name]) => name.length))
  const rows = own.map(([name, help, example]) => `  ${name.padEnd(widest)}  ${help}${example ? `  ${example}` : ''}`)
  const others = gooseCommands().map(name => `.${name}`)
  return [
    'Models are in scope by name, and so are db, models, connect, transaction, ObjectId, ISODate. await may be left out.',
    "  Post.find({ published: true }).sort('-createdAt').populate('author')   shows its first page",
    '  it                                                                     the next page',
    "  const post = Post.findOne({ title: 'Hello' })                          a document, to be changed and saved",
    '  db.posts.countDocuments()                                              the database by hand',
    '  _                                                                      the last value',
    '',
    ...rows,
    ...['.editor', '.break', '.exit'].map((name, at) => `  ${name.padEnd(widest)}  ${nodes[at]}`),
    '',
    `Every command of goose: ${others.join(' ')}   (.find Post --limit 3)`,
  ].join('\n')
}

const nodes = ['Type many lines, Ctrl-D ends.', 'Leave an unfinished entry.', 'Leave; Ctrl-D does too.']
