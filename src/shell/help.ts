// Help: the commands by what they are for, one command with its examples first, and topics.
import { join, relative } from 'node:path'
import type { Interfaces } from '@oclif/core'
import { CommandHelp, Help } from '@oclif/core/help'
import { GooseError } from '../errors.ts'
import { suggestionOr } from '../models/nearest.ts'
import { pageOf } from './help-pages.ts'
import { topics } from './help-topics.ts'
import { sinkOf } from './output/sink.ts'

/** Shows help about a command, a topic of commands, a help topic, or everything. */
export async function showHelp(
  subject: readonly string[],
  config: Interfaces.Config,
  ids: readonly string[],
): Promise<number> {
  const [first] = subject
  const topic = first === undefined ? undefined : topics[first]
  if (topic) {
    await sinkOf(process.stdout).write(`${topic}\n`)
    return 0
  }
  const help = new GooseHelp(config, { flagSortOrder: 'none' })
  await help.showHelp([...known(subject, ids)])
  await sinkOf(process.stdout).write(help.text)
  return 0
}

const ofAll = new Set(['CONNECTION FLAGS', 'OUTPUT FLAGS'])

class ExamplesFirst extends CommandHelp {
  protected override defaultUsage(): string {
    const words = Object.values(this.command.args).map(arg => (arg.required ? arg.name : `[${arg.name}]`).toUpperCase())
    return [this.command.id.replaceAll(':', ' '), ...words, '[FLAGS]'].join(' ')
  }

  protected override sections() {
    const sections = super.sections()
    const examples = sections.filter(section => section.header === 'EXAMPLES')
    const [usage, ...rest] = sections.filter(section => section.header !== 'EXAMPLES')
    const page = join(this.config.root, 'docs', pageOf(this.command.id))
    const more = { header: 'MORE', generate: () => shortest(page) }
    if (!usage) return sections
    const isOfAll = (section: (typeof rest)[number]) => ofAll.has(section.header)
    return [
      usage,
      ...examples,
      ...rest.filter(section => !isOfAll(section)),
      ...rest.filter(section => isOfAll(section)),
      more,
    ]
  }
}

function shortest(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside.startsWith('..') ? path : inside
}

class GooseHelp extends Help {
  protected override CommandHelpClass: typeof CommandHelp = ExamplesFirst

  /** What it has to say, written at once by whoever asked. */
  text = ''

  protected override log(...lines: readonly string[]): void {
    this.text += `${lines.join(' ')}\n`
  }

  override formatRoot(): string {
    const names = Object.keys(topics).join(', ')
    return `${super.formatRoot()}\n\n${this.section('HELP TOPICS', `goose help ${names.replaceAll(', ', '|')}`)}`
  }
}

/** Cuts words after the command, which are its arguments; refuses words that name nothing. */
function known(subject: readonly string[], ids: readonly string[]): readonly string[] {
  for (let length = subject.length; length > 0; length--) {
    const words = subject.slice(0, length)
    const id = words.join(':')
    if (ids.includes(id) || ids.some(candidate => candidate.startsWith(`${id}:`))) return words
  }
  if (subject.length === 0) return subject
  const names = [...ids.map(id => id.replaceAll(':', ' ')), ...Object.keys(topics)]
  const name = subject.join(' ')
  throw new GooseError('UNKNOWN_COMMAND', { name, hint: suggestionOr(name, names, 'see `goose help`') })
}
