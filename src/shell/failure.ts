// Any error as people and programs are told of it: code, sentence, what to do next, exit code, and no secret.
import { relative } from 'node:path'
import { type ErrorCode, type ErrorMeta, GooseError } from '../errors.ts'
import { isEndedSocket, isLostConnection } from '../runtime/lost-connection.ts'
import { maskUris } from '../runtime/masked-uri.ts'
import { withoutGuards } from './argv.ts'
import { escapeControl } from './output/escape.ts'
import { jsonText } from './output/json.ts'
import type { Style } from './output/style.ts'

/** An error ready to be told. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly why?: string
  readonly nextActions: readonly string[]
  readonly meta: Readonly<Record<string, unknown>>
  readonly exit: number
}

/** Says what any thrown value means to the person at the terminal: one who has typed a command, or code. */
export function failureOf(error: unknown, typed: 'command' | 'code' = 'command'): Failure {
  const { nextActions, ...failure } = meaningOf(error)
  const next = (typed === 'command' && ofCommands[failure.code]) || (atThePrompt[failure.code] ?? nextActions)
  const shown = (text: string) => cut(maskUris(text))
  const meta = Object.entries(failure.meta).map(([key, value]) => [
    key,
    typeof value === 'string' ? shown(value) : value,
  ])
  return {
    ...failure,
    message: shown(failure.message),
    nextActions: [next].flat().map(shown),
    meta: Object.fromEntries(meta),
  }
}

/** Shortens a text that repeats what was typed, however long that was. */
function cut(text: string): string {
  return text.length > 600 ? `${text.slice(0, 400)} … ${text.slice(-100)}` : text
}

function meaningOf(error: unknown): Failure {
  if (error instanceof GooseError || isGooseError(error)) return fromGoose(error)
  const thrown = error as Thrown
  if (typeof thrown?.oclif === 'object') return fromParser(thrown)
  return fromDatabase(thrown) ?? fromSystem(thrown) ?? fromProject(thrown) ?? unexpected(thrown)
}

/** Writes a failure for a person: `✖ CODE message`, why, and what to type next. */
export function failureText(failure: Failure, style: Style): string {
  const head = `${style.error('✖')} ${style.error(failure.code)}  ${escapeControl(failure.message)}`
  const why = failure.why ? [`  ${escapeControl(failure.why)}`] : []
  const next = failure.nextActions.map(action => `  ${style.hint(escapeControl(action))}`)
  return `${[head, ...why, ...next].join('\n')}\n`
}

/** Writes a failure for a program: one line of JSON. */
export function failureJson(failure: Failure): string {
  return `${jsonText({ ok: false, ...failure, why: failure.why ?? null })}\n`
}

interface Thrown {
  readonly name?: string
  readonly message?: string
  readonly code?: unknown
  readonly path?: string
  readonly stack?: string
  readonly oclif?: { readonly exit?: number }
  readonly flags?: readonly string[]
  readonly cause?: unknown
}

// A model file of another copy of this package throws another GooseError.
function isGooseError(error: unknown): error is GooseError {
  const { code, hint, exit } = (error ?? {}) as Partial<GooseError>
  return typeof code === 'string' && typeof hint === 'string' && typeof exit === 'number'
}

function fromGoose(error: GooseError): Failure {
  return {
    code: error.code,
    message: unwrapped(error.message),
    nextActions: error.hint === '' ? [] : [error.hint],
    meta: toldMeta(error.meta),
    exit: error.exit,
  }
}

// The hints of the library speak to programs; some need other words at a prompt.
const atThePrompt: Readonly<Record<string, string>> = {
  NOT_CONNECTED: 'check the server and the address; `goose help environment` says where the address comes from',
  REFERENCE_MISSING: 'repair the reference; `goose doctor` lists all of them',
}

// Who types code goes on with code.
const ofCommands: Readonly<Record<string, string>> = {
  DOCUMENT_NOT_FOUND: 'see what there is with `goose find`',
  EMPTY_FILTER_REFUSED: 'give --where or --filter, or --all to mean all of them',
}

function toldMeta(meta: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const told = new Set(['reason', 'hint', 'nearest'])
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !told.has(key)))
}

function fromParser({ message = '', oclif }: Thrown): Failure {
  const text = unwrapped(withoutGuards(message)).replace(/\s+/g, ' ').trim()
  return {
    code: 'USAGE',
    message: lowerFirst(text),
    nextActions: ['see the command with --help'],
    meta: {},
    exit: oclif?.exit ?? 2,
  }
}

// What the server says of a question that cannot be meant: a bad value, what does not parse, a name, type or pattern that is wrong.
const wrongQuestion = new Set([2, 9, 14, 27, 73, 168, 51091, 51108])
// There is no such command, stage or operator on this server.
const unsupported = new Set([59, 115, 238, 40324])

function fromDatabase(error: Thrown): Failure | undefined {
  const name = isEndedSocket(error) ? 'MongoNetworkError' : (error?.name ?? '')
  if (!/^Mongo/.test(name) && !isLostConnection(error)) return undefined
  const reason = lowerFirst(String(error.message))
  const code = codeOf(error, name)
  const meta = { driver: name, server: error.code }
  const told = { what: 'this', reason, hint: 'ask in another way, or another server' }
  const failure = { ...failing(code, told), message: reason, meta }
  return code === 'DATABASE_REFUSED' && wrongQuestion.has(Number(error.code)) ? { ...failure, exit: 2 } : failure
}

function codeOf(error: Thrown, name: string): ErrorCode {
  const server = error.code
  if (server === 18 || server === 13) return 'NOT_AUTHORIZED'
  if (server === 50 || /Timeout/.test(name)) return 'TIMED_OUT'
  if (isLostConnection(error)) return 'NOT_CONNECTED'
  if (unsupported.has(Number(server))) return 'NOT_SUPPORTED'
  return server === 11000 ? 'DUPLICATE_KEY' : 'DATABASE_REFUSED'
}

function fromSystem(error: Thrown): Failure | undefined {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'it may not be read or written',
    EISDIR: 'it is a folder',
    ELOOP: 'its links go in a circle',
    EMFILE: 'too many files are open',
    ENAMETOOLONG: 'the path is too long',
    ENOTDIR: 'a part of the path is no folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk cannot be written to',
    EADDRINUSE: 'the port is taken by another program',
  }
  const reason = reasons[String(error?.code)]
  if (!reason) return undefined
  const named = error.path ?? String(error.message)
  const path = named.trim() === named ? named : JSON.stringify(named)
  return { ...failing('FILE_REFUSED', { path, reason }), meta: { system: error.code } }
}

// A hook, a scope or a default of the project's own has thrown: the first frame of the stack is in its file.
function fromProject(error: Thrown): Failure | undefined {
  const frame = /^ {4}at .*$/m.exec(String(error?.stack ?? ''))?.[0]
  const [, file, line] = /\(?((?:\/|[A-Za-z]:\\)[^():]+):(\d+):\d+\)?$/.exec(frame ?? '') ?? []
  if (!file || !line || /[/\\](node_modules|dist)[/\\]/.test(file)) return undefined
  const place = `${relative(process.cwd(), file)}:${line}`
  return { ...failing('PROJECT_FAILED', { reason: String(error.message), place }), meta: {} }
}

function unexpected(error: Thrown): Failure {
  return { ...failing('UNEXPECTED', { reason: String(error?.message ?? error) }), meta: {} }
}

function failing(code: ErrorCode, meta: ErrorMeta): Failure {
  return fromGoose(new GooseError(code, meta))
}

// The parser wraps whatever a flag's own reading throws into a sentence of its own.
function unwrapped(message: string): string {
  return message.replace(/^Parsing --\S+ \n\t/, '').replace(/\nSee more help with --help$/, '')
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
