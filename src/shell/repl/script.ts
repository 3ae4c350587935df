// Runs code without a terminal: --eval, --file and what is piped in, as one program whose last value is printed.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { GooseError } from '../../errors.ts'
import { DocumentBase, modelOf } from '../../runtime/document.ts'
import type { Answer, Row } from '../answer.ts'
import { columnsOf } from '../columns.ts'
import { usage } from '../flags.ts'
import { projectLoader } from '../load-models.ts'
import { rowOf } from '../row.ts'
import { Evaluation, type Outcome } from './evaluation.ts'
import type { OpenedConsole } from './opening.ts'
import { loadRc } from './project.ts'
import { scopeOf } from './scope.ts'
import { startMachine } from './server.ts'

/** Where code comes from, and what stands in it. */
export interface Code {
  readonly name: string
  readonly text: string
}

/** Runs code and answers its last value. Throws what it throws. */
export async function runScript(opened: OpenedConsole, code: Code): Promise<Answer> {
  const [failure] = opened.project.failures
  if (failure) throw failure
  const { session, project } = opened
  const machine = startMachine({ input: new PassThrough(), output: new PassThrough(), terminal: false })
  const scope = Object.fromEntries(scopeOf(session, project.models))
  Object.assign(machine.server.context, scope)
  if (!opened.flags['no-rc']) await loadRc(opened.workspace.root, machine.server.context as Record<string, unknown>)
  if (isModule(code)) return answerOf({ kind: 'value', value: await moduleValue(opened, code) }, opened)
  const evaluation = new Evaluation(machine.native, session)
  const outcome = await evaluation
    .evaluate(`${code.text}\n`, machine.server.context, code.name)
    .catch(error => Promise.reject(blamed(error, code)))
  if (outcome.kind === 'more')
    throw new GooseError('USAGE', {
      reason: `${code.name} ends in the middle of something`,
      hint: 'close what is open',
    })
  return answerOf(outcome, opened)
}

/** Reads the code of a file, or of stdin where the name is `-`. */
export function codeIn(file: string): Code {
  return file === '-' ? { name: 'stdin', text: readFileSync(0, 'utf8') } : { name: resolve(file), text: textIn(file) }
}

function textIn(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return readFileSync(file, 'utf8')
  throw usage(`there is no file ${file}`, 'give the path of a file, or - for stdin')
}

/** Says of an error that is nobody's but the code's own where it comes from. */
function blamed(error: unknown, { name: file }: Code): unknown {
  if (error instanceof GooseError || /^Mongo/.test(String((error as Error | null)?.name))) return error
  const { name = 'Error', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>
  const line = stack.split('\n').find(text => text.includes(file))
  const place = /:(\d+)(?::(\d+))?\)?$/.exec(line?.trim() ?? '')
  const hint =
    name === 'SyntaxError' ? placeOf(stack) : place ? `line ${place[1]} of ${file}` : `it was thrown by ${file}`
  return new GooseError('CODE_FAILED', { name, reason: message, hint }, { cause: error })
}

function placeOf(stack: string): string {
  const [, line = '', caret = ''] = stack.split('\n')
  return `column ${caret.indexOf('^') + 1}: ${line.trim()}`
}

/** Says whether code is a module: with imports, or TypeScript. */
export function isModule({ name, text }: Code): boolean {
  return /\.[cm]?ts$/.test(name) || (/\.[cm]?js$/.test(name) && /^\s*(import|export)\b/m.test(text))
}

/** Loads a module as model files are; its default export is its value, and is called when it is a function. */
export async function moduleValue(
  { workspace, session }: Pick<OpenedConsole, 'workspace' | 'session'>,
  { name }: Code,
): Promise<unknown> {
  const loader = await projectLoader(workspace.root)
  let value: unknown
  await session.run(async () => {
    value = (await loader.load(name)).default
    if (typeof value === 'function') value = await (value as () => unknown)()
  })
  return value
}

function answerOf(outcome: Outcome, { project }: OpenedConsole): Answer {
  if (outcome.kind === 'pages') {
    const { items, hasMore } = outcome.first
    const rows = items.map(item => rowOf(item))
    const footer = () => (hasMore ? ['the first 20; read more with .limit() and .all()'] : [])
    return { kind: 'rows', rows, columns: columnsFor(items[0], rows, project.models), footer, empty: 'nothing matches' }
  }
  const value = outcome.kind === 'value' ? outcome.value : undefined
  if (value instanceof DocumentBase) {
    const document = rowOf(value)
    return { kind: 'document', document, columns: Object.keys(document).map(path => ({ path, head: path })) }
  }
  return { kind: 'value', data: value ?? null, text: value === undefined ? '' : textOf(value) }
}

function columnsFor(first: unknown, rows: readonly Row[], models: OpenedConsole['project']['models']) {
  const name = first instanceof DocumentBase ? modelOf(first).modelName : undefined
  const description = models.find(model => model.name === name)?.description
  const used = new Set(rows.flatMap(row => Object.keys(row)))
  if (description) return columnsOf(description).filter(column => used.has(column.path))
  return [...used].map(path => ({ path, head: path.toUpperCase() }))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? String(value))
}
