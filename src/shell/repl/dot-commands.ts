// The commands of the console that begin with a dot: its own, and every command of goose.
import { GooseError } from '../../errors.ts'
import { suggestionOr } from '../../models/nearest.ts'
import { usage } from '../flags.ts'
import { type CommandToRun, commandWords, runInside } from '../main.ts'
import { showModel } from '../model-pages.ts'
import type { Workspace } from '../workspace.ts'
import type { Desk } from './desk.ts'
import { matchingLines } from './history.ts'
import type { Session } from './session.ts'
import { stagedChanges } from './staged-changes.ts'
import { commitStaged, undoCommit } from './staged-commit.ts'

/** What `.explain Post --where …` begins with, unlike `.explain Post.find(…)`. */
export const modelWords = /^\w+(\s|$)/

/** One dot command: what it does, and how it is asked for. */
export interface DotCommand {
  readonly help: string
  readonly example?: string
  run(words: string, desk: Desk): Promise<void>
}

/** The console's own commands. */
export const ownCommands: Readonly<Record<string, DotCommand>> = {
  schema: {
    help: 'Show the fields, references and indexes of a model.',
    example: '.schema Post',
    run: async (words, desk) => desk.answer(showModel(desk.models, words.trim() || nameMissing('.schema Post'))),
  },
  it: { help: 'Show the next page of the last result.', run: (_, desk) => desk.more() },
  table: { help: 'Show results as tables.', run: async (_, desk) => desk.show({ format: 'table' }) },
  json: { help: 'Show results as JSON.', run: async (_, desk) => desk.show({ format: 'json' }) },
  depth: {
    help: 'Show objects to a depth.',
    example: '.depth 4',
    run: async (words, desk) => desk.show({ depth: wholeOf(words, '.depth 4') }),
  },
  width: {
    help: 'Show tables this wide; .width alone follows the terminal.',
    example: '.width 120',
    run: async (words, desk) => desk.show({ width: words.trim() === '' ? undefined : wholeOf(words, '.width 120') }),
  },
  time: {
    help: 'Say how long an expression takes.',
    example: '.time Post.find().count()',
    run: (words, desk) => desk.time(words),
  },
  explain: {
    help: 'Explain how the database answers a query.',
    example: ".explain Post.find({ published: true }).sort('-createdAt')",
    // `.explain Post --where …` is the command of that name.
    run: (words, desk) =>
      modelWords.test(words) ? runGooseCommand(['explain', ...wordsOf(words)], desk) : desk.explain(words),
  },
  as: {
    help: 'Act as a user, in the audit; .as alone ends it.',
    example: '.as ada@example.org',
    run: async (words, desk) => {
      desk.session.user = words.trim() || undefined
      desk.say(words.trim() ? `acting as ${words.trim()}` : 'acting as nobody')
    },
  },
  history: {
    help: 'List earlier lines that match.',
    example: '.history /find/',
    run: async (words, desk) => desk.print(matchingLines(desk.history(), words).join('\n')),
  },
  load: {
    help: 'Evaluate a file.',
    example: '.load repair.js',
    run: async (words, desk) => desk.load(words.trim() || nameMissing('.load repair.js')),
  },
  save: {
    help: 'Write the lines of this session as a script for `goose run`.',
    example: '.save nightly.ts',
    run: async (words, desk) => desk.save(words.trim() || nameMissing('.save nightly.ts')),
  },
  reload: { help: 'Load the model files again.', run: (_, desk) => desk.reload() },
  write: {
    help: 'Allow writes, and say why.',
    example: '.write "JIRA-812: repair prices"',
    run: async (words, desk) => {
      desk.session.allowWrites(words.trim().replace(/^(['"])(.*)\1$/, '$2') || undefined)
      desk.say(`writes are allowed; the audit says ${desk.session.reason ? `"${desk.session.reason}"` : 'no reason'}`)
    },
  },
  readonly: {
    help: 'Allow no more writes.',
    run: async (_, desk) => {
      desk.session.forbidWrites()
      desk.say('this session only reads now')
    },
  },
  sandbox: {
    help: 'Try writes without a trace: they are staged, and seen by this session only.',
    run: async (_, desk) => {
      await desk.session.enterSandbox()
      desk.say('writes are staged from now on: .diff shows them, .commit applies them, .discard drops them')
    },
  },
  diff: {
    help: 'Show before and after of what is staged.',
    example: '.diff 1',
    run: async (words, desk) => desk.answer(await stagedChanges(desk, words.trim())),
  },
  commit: {
    help: 'Write what is staged, in one transaction; refused when that is not what was seen.',
    run: async (_, desk) => desk.answer(await commitStaged(desk)),
  },
  undo: {
    help: 'Take the last commit back, or a run; what was changed since is left and listed.',
    example: '.undo run_mgz1',
    // `.undo RUN` is the command of that name.
    run: (words, desk) => (words.trim() === '' ? undoCommit(desk) : runGooseCommand(['undo', ...wordsOf(words)], desk)),
  },
  discard: {
    help: 'Drop what is staged, and leave the sandbox.',
    run: async (_, desk) => {
      const count = desk.session.sandbox.lines.length
      desk.session.sandbox.discard()
      desk.session.leaveSandbox()
      desk.say(count === 0 ? 'nothing was staged' : `dropped ${count} staged ${count === 1 ? 'line' : 'lines'}`)
    },
  },
  tx: {
    help: 'Open a transaction; .tx commit or .tx abort ends it.',
    example: '.tx commit',
    run: async (words, desk) => {
      const way = words.trim()
      if (way === '') await desk.session.begin()
      else if (way === 'commit' || way === 'abort') await desk.session.end(way)
      else throw usage(`.tx knows commit and abort, not "${way}"`, '.tx commit')
      desk.say(
        way === '' ? 'a transaction is open: .tx commit or .tx abort' : way === 'commit' ? 'committed' : 'taken back',
      )
    },
  },
}

/** Runs a command of goose in the open project: `.find Post --limit 3`. */
export async function runGooseCommand(words: readonly string[], desk: Desk): Promise<void> {
  const { workspace, session } = desk
  // What is only tried needs no consent.
  const isTried = session.mode === 'sandbox'
  const address = async () => ({ ...session.address, isProtected: session.address.isProtected && !isTried })
  const open: Workspace = { ...workspace, address, close: async () => {} }
  await session.run(() => runInside(words, open, command => requirePlace(command, session)))
}

// Whoever asks for consent writes. Most of these keep a journal of their own, which cannot be staged.
function requirePlace({ id, flags }: CommandToRun, session: Session): void {
  if (!('confirm' in flags)) return
  const action = `.${id.replaceAll(':', ' ')}`
  if (session.mode === 'read-only') session.requireWrites(action)
  const isSingle = ['insert', 'update', 'delete', 'restore'].includes(id)
  const isApart = session.mode === 'sandbox' || session.mode === 'transaction'
  if (!isApart || isSingle) return
  const where = session.mode === 'sandbox' ? 'the sandbox' : 'a transaction'
  const reason = `it keeps a journal of its own, which cannot be part of ${where}`
  const hint =
    session.mode === 'sandbox' ? 'Model.updateMany(…) can; or .commit first' : '.tx commit or .tx abort first'
  throw new GooseError('READ_ONLY', { action, reason, hint })
}

/** Gives the commands of goose that have a place in the console. */
export function gooseCommands(): readonly string[] {
  return commandWords().filter(
    word => !['repl', 'console', 'init', 'completion', 'serve', 'help'].includes(word) && !(word in ownCommands),
  )
}

/** Refuses a line that begins with a dot and names no command. */
export function refuseUnknown(line: string, commands: readonly string[]): void {
  const word = /^\s*\.([^\s.\d]\S*)/.exec(line)?.[1]
  if (word === undefined || commands.includes(word)) return
  const call = /^(\w+)\(/.exec(word)?.[1]
  if (call === undefined) {
    const known = commands.map(name => `.${name}`)
    throw new GooseError('UNKNOWN_COMMAND', { name: `.${word}`, hint: suggestionOr(`.${word}`, known, 'see .help') })
  }
  const hint = 'type the dot at the end of the line before, or many lines with .editor'
  throw new GooseError('USAGE', { reason: `.${call}(…) goes on with nothing: the line before was complete`, hint })
}

/** Splits a line into words as a shell does: quotes hold together what belongs together. */
export function wordsOf(text: string): readonly string[] {
  const words = [...text.matchAll(/(?:[^\s'"]+|'[^']*'|"(?:[^"\\]|\\.)*")+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
      (_, single?: string, double?: string) => single ?? (double ?? '').replace(/\\(.)/g, '$1'),
    ),
  )
  if ((text.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1 && !text.includes("'"))
    throw new GooseError('USAGE', { reason: 'a quotation mark is not closed', hint: 'close it' })
  return words
}

function nameMissing(example: string): never {
  throw usage('a name is missing', `for example ${example}`)
}

function wholeOf(words: string, example: string): number {
  const number = Number(words.trim())
  if (Number.isSafeInteger(number) && number > 0) return number
  throw usage(`"${words.trim()}" is no whole number from 1`, `for example ${example}`)
}
