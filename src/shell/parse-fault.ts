// What the parser of command lines refuses, in the words of goose: which flag or argument, and what to type.
import { GooseError } from '../errors.ts'
import { suggestion, suggestionOr } from '../models/nearest.ts'
import { withoutGuards } from './argv.ts'
import { usage } from './flags.ts'

/** The command whose line could not be parsed. */
export interface ParsedCommand {
  readonly name: string
  /** Its arguments, in order. */
  readonly args: readonly string[]
  readonly flags: readonly string[]
}

/** Gives the error to throw for one that the parser has thrown. */
export function parseFault(error: unknown, command: ParsedCommand): unknown {
  if (error instanceof GooseError || typeof (error as Refused)?.oclif !== 'object') return error
  const refused = error as Refused
  const text = withoutGuards(refused.message)
    .replace(/\nSee more help with --help$/, '')
    .replace(/\s+/g, ' ')
    .trim()
  const [flag] = refused.flags ?? []
  if (flag !== undefined && /^Nonexistent flag/.test(text)) return unknownFlag(flag, command, error)
  if (/^Missing \d/.test(text)) return missing(refused.args as readonly Argument[], command)
  if (/^Unexpected arg/.test(text)) return unexpected(refused.args as readonly string[], command)
  for (const [pattern, said] of sentences) {
    const match = pattern.exec(text)
    if (match) return said(match, command)
  }
  return error
}

interface Refused {
  readonly message: string
  readonly oclif: object
  readonly flags?: readonly string[]
  readonly args?: readonly unknown[]
}

interface Argument {
  readonly name: string
  readonly description?: string
  readonly options?: readonly string[]
}

function usageOf({ name, args }: ParsedCommand): string {
  return ['goose', name, ...args.map(arg => arg.toUpperCase())].join(' ')
}

function seeHelp({ name }: ParsedCommand): string {
  return `see \`goose ${name} --help\``
}

function unknownFlag(flag: string, command: ParsedCommand, cause: unknown): GooseError {
  const known = [...command.flags, 'help'].map(name => `--${name}`)
  const hint = suggestionOr(flag, known, seeHelp(command))
  return new GooseError('UNKNOWN_FLAG', { flag, command: command.name, hint }, { cause })
}

function missing(args: readonly Argument[], command: ParsedCommand): GooseError {
  const said = args.map(({ name, description, options }) => {
    const what = options ? `one of ${options.join(', ')}` : description
    return `${name.toUpperCase()}${what ? ` (${what})` : ''}`
  })
  return usage(`\`goose ${command.name}\` needs ${said.join(' and ')}`, `write ${usageOf(command)}`)
}

function unexpected(args: readonly string[], command: ParsedCommand): GooseError {
  const said = args.map(arg => `"${withoutGuards(arg)}"`).join(', ')
  const many = args.length === 1 ? 'is one argument' : `are ${args.length} arguments`
  const hint = `write ${usageOf(command)}, and values with spaces in quotes`
  return usage(`${said} ${many} too many for \`goose ${command.name}\``, hint)
}

type Sentence = (match: RegExpExecArray, command: ParsedCommand) => GooseError

const sentences: readonly (readonly [RegExp, Sentence])[] = [
  [
    /Missing required flag ([\w-]+)/,
    ([, flag], command) => usage(`\`goose ${command.name}\` needs --${flag}`, seeHelp(command)),
  ],
  [
    /^Expected (?:(--[\w-]+)=)?(.*) to be one of: (.*)$/,
    ([, flag, value = '', options = ''], command) => {
      const near = suggestion(value, options.split(', '))
      const hint = near.startsWith('did you mean') ? near : seeHelp(command)
      return usage(`${flag ?? command.args.at(-1)?.toUpperCase()} takes ${options}; "${value}" is none of them`, hint)
    },
  ],
  [
    /^Flag (--[\w-]+) expects (?:a value|one of these values: (.*))$/,
    ([, flag, options], command) => usage(`${flag} needs a value${options ? `: ${options}` : ''}`, seeHelp(command)),
  ],
  [
    /^Flag (--[\w-]+) can only be specified once$/,
    ([, flag]) => usage(`${flag} is there more than once`, 'give it once'),
  ],
  [
    /(--[\w-]+)(?:=.*)? cannot also be provided when using (--[\w-]+)/,
    ([, one, other]) => usage(`${other} and ${one} exclude each other`, 'give one of them'),
  ],
  [
    /All of the following must be provided when using (--[\w-]+): (.*)$/,
    ([, flag, others = '']) => usage(`${flag} needs ${others.replaceAll(', ', ' and ')}`, `add ${others}`),
  ],
]
