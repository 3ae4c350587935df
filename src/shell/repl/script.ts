// Runs code without a terminal: --eval, --file and what is piped in, as one program whose last value is printed.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { GooseError } from '../../errors.ts'
import type { Answer } from '../answer.ts'
import { usage } from '../flags.ts'
import type { ProjectLoader } from '../load-models.ts'
import { Evaluation } from './evaluation.ts'
import type { OpenedConsole } from './opening.ts'
import { thrownText } from './outcome.ts'
import { loadRc } from './project.ts'
import { answerOf } from './script-answer.ts'
import type { Session } from './session.ts'
import { markedLine, placeOf, Unfinished } from './syntax.ts'

/** Where code comes from, and what stands in it. */
export interface Code {
  readonly name: string
  readonly text: string
}

/** Runs code and answers its last value. Throws what it throws, also where nobody waited for it. */
export async function runScript(opened: OpenedConsole, code: Code): Promise<Answer> {
  const [failure] = opened.project.failures
  if (failure) throw failure
  const { session, project, names, workspace } = opened
  if (!opened.flags['no-rc']) await loadRc(workspace.root, project, names.scope)
  try {
    return await unlessBroken(async () => {
      if (isModule(code))
        return answerOf({ kind: 'value', value: await moduleValue(session, project.loader, code) }, project.models)
      return answerOf(await new Evaluation({ names, session }).evaluate(code.text, code.name), project.models)
    })
  } catch (error) {
    throw blamed(error, code)
  }
}

// A promise that nobody waits for is part of the program, too.
async function unlessBroken<T>(run: () => Promise<T>): Promise<T> {
  let fail: (error: unknown) => void = () => undefined
  const broken = new Promise<never>((_, reject) => {
    fail = reject
  })
  process.on('unhandledRejection', fail)
  process.on('uncaughtException', fail)
  const value = await Promise.race([run(), broken])
  await Promise.race([new Promise(next => setImmediate(next)), broken])
  return value
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
function blamed(error: unknown, { name: file, text }: Code): unknown {
  if (error instanceof Unfinished) return unfinished(file, text)
  if (error instanceof GooseError || /^Mongo/.test(String((error as Error | null)?.name))) return error
  if (!(error instanceof Error)) return failed('thrown', thrownText(error), `it was thrown by ${file}`, error)
  const place = placeOf(error)
  if (place) {
    const [line] = markedLine(place)
    return failed(error.name, error.message, `line ${place.line}, column ${place.column}: ${line.trim()}`, error)
  }
  const frame = error.stack?.split('\n').find(line => line.includes(file))
  const line = /:(\d+)(?::\d+)?\)?$/.exec(frame?.trim() ?? '')?.[1]
  return failed(error.name, error.message, line ? `line ${line} of ${file}` : `it was thrown by ${file}`, error)
}

function failed(name: string, reason: string, hint: string, cause: unknown): GooseError {
  return new GooseError('CODE_FAILED', { name, reason, hint }, { cause })
}

function unfinished(file: string, text: string): GooseError {
  const lines = text.trimEnd().split('\n')
  const hint = `close what is open; it ends at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
  return new GooseError('USAGE', { reason: `${file} ends in the middle of something`, hint })
}

/** Says whether code is a file that is a module: with imports, or TypeScript. */
export function isModule({ name, text }: Code): boolean {
  return /\.[cm]?ts$/.test(name) || (/\.[cm]?js$/.test(name) && /^\s*(import|export)\b/m.test(text))
}

/** Loads a module beside the models; its default export is its value, and is called when it is a function. */
export async function moduleValue(session: Session, loader: ProjectLoader, { name }: Code): Promise<unknown> {
  let value: unknown
  await session.run(async () => {
    value = (await loader.fresh(name)).default
    if (typeof value === 'function') value = await (value as () => unknown)()
  })
  return value
}
