// Colours by meaning, decided for each stream by flags, environment and terminal.
import { Chalk, type ChalkInstance } from 'chalk'

/** What a piece of text means; what it looks like is decided here only. */
export interface Style {
  readonly enabled: boolean
  id(text: string): string
  missing(text: string): string
  faint(text: string): string
  heading(text: string): string
  date(text: string): string
  number(text: string): string
  yes(text: string): string
  no(text: string): string
  error(text: string): string
  warning(text: string): string
  hint(text: string): string
}

/** What decides about colour: the flag, the environment, and the stream itself. */
export interface ColourQuestion {
  readonly flag?: boolean | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stream: { readonly isTTY?: boolean | undefined }
}

/** Says whether a stream gets colour: flag, then GOOSE_NO_COLOR and NO_COLOR, then FORCE_COLOR, then a dumb or missing terminal. */
export function hasColour({ flag, env, stream }: ColourQuestion): boolean {
  if (flag !== undefined) return flag
  if (isSet(env.GOOSE_NO_COLOR) || isSet(env.NO_COLOR)) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  if (env.TERM === 'dumb') return false
  return stream.isTTY === true
}

/** Gives the style of a stream. */
export function styleOf(question: ColourQuestion): Style {
  return hasColour(question) ? coloured(new Chalk({ level: 1 })) : plain
}

const same = (text: string) => text

/** The style that leaves every text as it is. */
export const plain: Style = {
  enabled: false,
  id: same,
  missing: same,
  faint: same,
  heading: same,
  date: same,
  number: same,
  yes: same,
  no: same,
  error: same,
  warning: same,
  hint: same,
}

function coloured(chalk: ChalkInstance): Style {
  return {
    enabled: true,
    id: text => chalk.cyan(text),
    missing: text => chalk.yellow(text),
    faint: text => chalk.dim(text),
    heading: text => chalk.bold(text),
    date: text => chalk.blue(text),
    number: text => chalk.magenta(text),
    yes: text => chalk.green(text),
    no: text => chalk.dim(text),
    error: text => chalk.red(text),
    warning: text => chalk.yellow(text),
    hint: text => chalk.green(text),
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
