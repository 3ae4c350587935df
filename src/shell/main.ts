// From a command line to an exit code: finds the command, runs it, and tells of errors in one way.
import { Config } from '@oclif/core/config'
import { GooseError } from '../errors.ts'
import { suggestionOr } from '../models/nearest.ts'
import { isEndedSocket } from '../runtime/lost-connection.ts'
import { maskUris } from '../runtime/masked-uri.ts'
import { wantsJson } from './argv.ts'
import { isAssistant } from './assistant.ts'
import type { GooseCommand } from './command.ts'
import { failureJson, failureOf, failureText } from './failure.ts'
import type { Workspace } from './workspace.ts'

type CommandClass = { id: string; run(argv: string[], config: Config): Promise<unknown> }

/** Every command by its id, loaded when it is run. */
export type CommandTable = Readonly<Record<string, () => Promise<{ readonly default: unknown }>>>

/** Where goose itself lies, and what it can do. */
export interface Program {
  readonly root: string
  readonly commands: CommandTable
}

let running: Program | undefined

/** Runs a command line and gives its exit code. */
export async function main(argv: readonly string[], program: Program): Promise<number> {
  running = program
  try {
    return await dispatch(argv, program)
  } catch (error) {
    return tell(error, argv)
  }
}

/** Runs a command line in a project that is open, as the REPL does; errors are the caller's to tell.
 * `before` may refuse the command that is found. */
export async function runInside(
  argv: readonly string[],
  workspace: Workspace,
  before?: (command: CommandToRun) => void,
): Promise<number> {
  const { root, commands } = runningProgram()
  const config = await Config.load({ root })
  const help = helpAsked(argv)
  if (help) return (await import('./help.ts')).showHelp(help, config, Object.keys(commands))
  const found = findCommand(argv, Object.keys(commands))
  const command = (await loadCommand(found.id, commands)) as unknown as InsideCommand
  before?.({ id: found.id, flags: command.flags ?? {} })
  return new command([...found.rest], config).runIn(workspace)
}

/** A command that is about to run. */
export interface CommandToRun {
  readonly id: string
  readonly flags: Readonly<Record<string, unknown>>
}

type InsideCommand = (new (
  argv: string[],
  config: Config,
) => GooseCommand<never>) &
  Partial<Pick<CommandToRun, 'flags'>>

/** Gives the program that runs. */
export function runningProgram(): Program {
  if (running) return running
  throw new GooseError('USAGE', { reason: 'no command line is running', hint: 'start goose' })
}

/** Gives the words that begin a command, each once. */
export function commandWords(): readonly string[] {
  return [...new Set(Object.keys(running?.commands ?? {}).map(id => id.split(':')[0] ?? id))]
}

async function dispatch(argv: readonly string[], program: Program): Promise<number> {
  const config = await Config.load({ root: program.root })
  const help = helpAsked(argv)
  if (help) return (await import('./help.ts')).showHelp(help, config, Object.keys(program.commands))
  const found = findCommand(argv, Object.keys(program.commands))
  const command = await loadCommand(found.id, program.commands)
  const exit = await command.run([...found.rest], config)
  return typeof exit === 'number' ? exit : 0
}

async function loadCommand(id: string, commands: CommandTable): Promise<CommandClass> {
  const load = commands[id]
  if (!load) throw new GooseError('UNKNOWN_COMMAND', { name: id, hint: 'see `goose help`' })
  const { default: command } = (await load()) as { readonly default: CommandClass }
  command.id = id
  return command
}

/** Gives what help is asked about, or nothing when it is not asked for. */
function helpAsked(argv: readonly string[]): readonly string[] | undefined {
  if (argv.length === 0) return []
  if (argv[0] === 'help') return argv.slice(1)
  const end = argv.indexOf('--')
  const mine = end === -1 ? argv : argv.slice(0, end)
  return mine.some(word => word === '--help' || word === '-h') ? mine.filter(word => !word.startsWith('-')) : undefined
}

interface FoundCommand {
  readonly id: string
  readonly rest: readonly string[]
}

/** Finds the command that the first words name; a topic alone means its list. */
function findCommand(argv: readonly string[], ids: readonly string[]): FoundCommand {
  // No shell passes one on; paths, patterns and names cannot hold it.
  if (argv.some(word => word.includes('\0')))
    throw new GooseError('USAGE', { reason: 'a word of the command holds a null byte', hint: 'leave it out' })
  const end = argv.findIndex(word => word.startsWith('-'))
  const words = end === -1 ? argv : argv.slice(0, end)
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':')
    if (ids.includes(id)) return { id, rest: argv.slice(length) }
    if (length === 1 && words.length === 1 && ids.includes(`${id}:list`))
      return { id: `${id}:list`, rest: argv.slice(1) }
  }
  throw unknownCommand(argv, words, ids)
}

function unknownCommand(argv: readonly string[], words: readonly string[], ids: readonly string[]): GooseError {
  const [first] = words
  if (first === undefined) {
    return new GooseError('USAGE', {
      reason: `${argv[0]} stands before any command`,
      hint: 'put the command first: goose find Post --json',
    })
  }
  const inTopic = ids.filter(id => id.startsWith(`${first}:`))
  const name = inTopic.length > 0 && words[1] !== undefined ? `${first} ${words[1]}` : first
  const known = (inTopic.length > 0 ? inTopic : ids).map(id => id.replaceAll(':', ' '))
  return new GooseError('UNKNOWN_COMMAND', { name, hint: suggestionOr(name, known, 'see `goose help`') })
}

/** Tells of an error on stderr and gives its exit code; a reader that has gone is no error. */
async function tell(error: unknown, argv: readonly string[]): Promise<number> {
  if ((error as { code?: unknown } | undefined)?.code === 'EPIPE' && !isEndedSocket(error)) return 0
  const failure = failureOf(error, ['repl', 'run'].includes(argv[0] ?? '') ? 'code' : 'command')
  const { styleOf } = await import('./output/style.ts')
  const flag = argv.includes('--no-color') ? false : argv.includes('--color') ? true : undefined
  const style = styleOf({ flag, env: process.env, stream: process.stderr })
  process.stderr.write(wantsJson(argv) || isAssistant() ? failureJson(failure) : failureText(failure, style))
  if (argv.includes('--debug')) process.stderr.write(`${maskUris(stackOf(error))}\n`)
  return failure.exit
}

function stackOf(error: unknown): string {
  const { stack, cause } = (error ?? {}) as { stack?: string; cause?: unknown }
  const text = stack ?? String(error)
  return cause === undefined ? text : `${text}\ncaused by ${stackOf(cause)}`
}
