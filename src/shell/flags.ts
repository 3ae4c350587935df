// The flags that commands share: where to connect, how to answer, what to ask for, and consent to write.
import * as Flags from '@oclif/core/flags'
import { GooseError } from '../errors.ts'
import { parseDuration } from '../models/duration.ts'
import { timeOf } from '../models/moment.ts'
import { unguarded } from './argv.ts'
import { formats } from './output/page.ts'

/** A whole number of at least `min`. */
export const count = Flags.custom<number, { min?: number }>({
  parse: async (input, _, { name, min = 0 }) => {
    const text = unguarded(input)
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value
    throw usage(
      `--${name} takes a whole number of at least ${min}, not "${text}"`,
      `for example --${name} ${Math.max(min, 20)}`,
    )
  },
})

/** A length of time, in milliseconds. */
const duration = Flags.custom<number>({
  helpValue: '30s',
  parse: async (input, _, { name }) => {
    const text = unguarded(input)
    const value = parseDuration(text)
    if (value !== undefined) return value
    throw usage(`--${name} takes a length of time, not "${text}"`, `write it as 500ms, 30s, 20m, 12h or 365d`)
  },
})

/** Flags of every command. */
export const baseFlags = {
  connection: Flags.string({
    char: 'c',
    summary: 'Named connection of the configuration.',
    helpGroup: 'CONNECTION',
    helpValue: 'NAME',
  }),
  'uri-file': Flags.string({
    summary: 'File that holds the URI; - reads it from stdin.',
    helpGroup: 'CONNECTION',
    helpValue: 'PATH',
  }),
  db: Flags.string({ summary: 'Database, when the URI does not name it.', helpGroup: 'CONNECTION', helpValue: 'NAME' }),
  config: Flags.string({
    summary: 'Configuration file; the nearest goose.config upward otherwise.',
    helpGroup: 'CONNECTION',
    helpValue: 'PATH',
  }),
  models: Flags.string({ summary: 'Model files, as a glob.', helpGroup: 'CONNECTION', helpValue: 'GLOB' }),
  timeout: duration({ summary: 'How long to wait for the database.', helpGroup: 'CONNECTION' }),
  output: Flags.option({
    char: 'o',
    options: formats,
    summary: 'Format; table on a terminal, ndjson in a pipe.',
    helpGroup: 'OUTPUT',
  })(),
  json: Flags.boolean({ summary: 'Same as --output json.', helpGroup: 'OUTPUT', exclusive: ['output'] }),
  quiet: Flags.boolean({ char: 'q', summary: 'Say nothing but data and errors.', helpGroup: 'OUTPUT' }),
  verbose: Flags.boolean({ char: 'v', summary: 'Say more on stderr.', helpGroup: 'OUTPUT' }),
  debug: Flags.boolean({ summary: 'Show stack traces and the commands sent.', helpGroup: 'OUTPUT' }),
  color: Flags.boolean({ allowNo: true, summary: 'Colour, whatever the terminal says.', helpGroup: 'OUTPUT' }),
  'no-pager': Flags.boolean({ summary: 'Print long answers at once, without a pager.', helpGroup: 'OUTPUT' }),
  width: count({ min: 20, summary: 'Columns to fit a table into.', helpGroup: 'OUTPUT', helpValue: 'N' }),
  'no-input': Flags.boolean({ summary: 'Never ask; fail where an answer is needed.', helpGroup: 'OUTPUT' }),
}

/** Flags that say which documents. */
export const filterFlags = {
  filter: Flags.string({
    char: 'f',
    summary: 'Filter: Extended JSON, shell syntax, @file, or - for stdin.',
    helpGroup: 'QUERY',
    helpValue: 'EXPR',
  }),
  where: Flags.string({
    char: 'w',
    multiple: true,
    multipleNonGreedy: true,
    summary: "Condition 'path op value'; repeat for more. Operators: = != < <= > >= ~= in exists.",
    helpGroup: 'QUERY',
    helpValue: 'COND',
  }),
  deleted: Flags.option({
    options: ['exclude', 'include', 'only'] as const,
    summary: 'What to do with soft-deleted documents.',
    helpGroup: 'QUERY',
  })(),
}

/** Flags that say which documents, in what order, and how much of them. */
export const queryFlags = {
  ...filterFlags,
  sort: Flags.string({
    char: 's',
    summary: 'Order: -createdAt,title or createdAt:desc.',
    helpGroup: 'QUERY',
    helpValue: 'PATHS',
  }),
  select: Flags.string({ summary: 'Fields to show: title,author or -body.', helpGroup: 'QUERY', helpValue: 'PATHS' }),
  populate: Flags.string({
    char: 'p',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'References to fill in: author,comments.by.',
    helpGroup: 'QUERY',
    helpValue: 'PATHS',
  }),
  limit: count({
    char: 'l',
    summary: 'How many documents at most; 0 for all.',
    default: 20,
    helpGroup: 'QUERY',
    helpValue: 'N',
  }),
  skip: count({ summary: 'Documents to pass over first.', helpGroup: 'QUERY', helpValue: 'N' }),
  page: count({
    min: 1,
    summary: 'Page of --limit documents.',
    helpGroup: 'QUERY',
    helpValue: 'N',
    exclusive: ['skip', 'after', 'before'],
  }),
  after: Flags.string({
    summary: 'Page after a cursor; "start" is the first page.',
    helpGroup: 'QUERY',
    helpValue: 'CURSOR',
    exclusive: ['skip', 'before'],
  }),
  before: Flags.string({
    summary: 'Page before a cursor; "end" is the last page.',
    helpGroup: 'QUERY',
    helpValue: 'CURSOR',
    exclusive: ['skip'],
  }),
  hint: Flags.string({ summary: 'Index to use, by name.', helpGroup: 'QUERY', helpValue: 'NAME' }),
}

/** Flags that say how a write is meant. */
export const writeFlags = {
  'dry-run': Flags.boolean({
    char: 'n',
    summary: 'Say what would be done, and do nothing.',
    helpGroup: 'SAFETY',
  }),
  confirm: Flags.string({
    summary: 'Word that gives consent where it cannot be asked for.',
    helpGroup: 'SAFETY',
    helpValue: 'WORD',
  }),
  reason: Flags.string({ summary: 'Why, for the audit.', helpGroup: 'SAFETY', helpValue: 'TEXT' }),
}

/** Documents in a second, as people write them: 200 or 200/s. */
const rate = Flags.custom<number>({
  helpValue: 'N/s',
  parse: async (input, _, { name }) => {
    const match = /^(\d+)(?:\/s)?$/.exec(unguarded(input))
    if (match && Number(match[1]) > 0) return Number(match[1])
    throw usage(`--${name} takes documents in a second, not "${unguarded(input)}"`, `for example --${name} 200/s`)
  },
})

/** Limits of long operations; all can be changed while one runs. */
export const limitFlags = {
  batch: count({ min: 1, summary: 'Documents at a time.', helpGroup: 'PACE', helpValue: 'N' }),
  rate: rate({ summary: 'Documents in a second, at most.', helpGroup: 'PACE' }),
  'max-lag': duration({ summary: 'Wait while a majority write takes longer.', helpGroup: 'PACE', helpValue: '2s' }),
  'run-time': duration({ summary: 'Stop after so long; it can be resumed.', helpGroup: 'PACE', helpValue: '20m' }),
}

/** The address of a heartbeat service. */
const address = Flags.custom<string>({
  helpValue: 'URL',
  parse: async (input, _, { name }) => {
    if (URL.canParse(input) && /^https?:/.test(input)) return input
    throw usage(`--${name} takes an address, not "${input}"`, `for example --${name} https://example.org/ping/nightly`)
  },
})

/** Whom to tell that a job has begun, ended well, or failed. */
export const pingFlag = address({ summary: 'Address to call at start, success (itself) and failure (/start, /fail).' })

/** What to do when another run holds the lock. */
export const onLockedFlag = Flags.option({
  options: ['skip', 'wait', 'fail'] as const,
  summary: 'What to do when another run holds the lock; fail unless said.',
  helpGroup: 'PACE',
})

/** Flags of long operations: consent, pace and lock. */
export const runFlags = {
  ...writeFlags,
  yes: Flags.boolean({ char: 'y', summary: 'Accept what can be undone.', helpGroup: 'SAFETY' }),
  all: Flags.boolean({ summary: 'Mean every document, where there is no filter.', helpGroup: 'SAFETY' }),
  'max-docs': count({ min: 1, summary: 'Refuse when more documents match.', helpGroup: 'SAFETY', helpValue: 'N' }),
  ...limitFlags,
  lock: Flags.string({
    summary: 'Name that only one run at a time may hold; made of command and model unless said.',
    helpGroup: 'PACE',
    helpValue: 'NAME',
  }),
  'on-locked': onLockedFlag(),
  ping: pingFlag,
}

/** Flags of archive and purge: which documents, by their age or by a policy. */
export const retentionFlags = {
  ...runFlags,
  ...filterFlags,
  policy: Flags.string({
    summary: 'Policy of the configuration that says it all.',
    helpValue: 'NAME',
  }),
  'older-than': duration({ summary: 'Only documents older than this: 365d.', helpValue: '365d' }),
  by: Flags.string({
    summary: 'Path that says how old they are; createdAt, or when they were deleted, otherwise.',
    helpValue: 'PATH',
  }),
}

/** Reads the time that a flag gives. */
export function timeOfFlag(text: string, flag: string): Date {
  const time = timeOf(text, new Date())
  if (time) return time
  throw usage(`--${flag} takes a time, not "${text}"`, timeHint)
}

/** How times are written. */
export const timeHint = 'write it as 2026-01-31, 2026-01-31T12:00:00Z, now, or -2h (ms s m h d w)'

/** Makes the error of a command line that cannot be meant. */
export function usage(reason: string, hint: string): GooseError {
  return new GooseError('USAGE', { reason, hint })
}

/** The flags of commands that read a collection as a tree. */
export const treeFlags = {
  parent: Flags.string({
    summary: 'Field that refers to the parent; found by itself where there is one.',
    helpValue: 'PATH',
  }),
  label: Flags.string({ summary: 'Field to show; name, title, label or slug otherwise.', helpValue: 'PATH' }),
  sep: Flags.string({ summary: 'What stands between labels.', helpValue: 'TEXT' }),
}
