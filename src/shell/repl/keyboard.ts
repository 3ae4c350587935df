// What keys do in the console beside typing: Tab completes, Ctrl-C stops, what is pasted is not run by itself.
import { join } from 'node:path'
import type { REPLServer } from 'node:repl'
import { pathToFileURL } from 'node:url'
import { runningProgram } from '../main.ts'
import { nativeImport } from '../native-import.ts'
import type { Style } from '../output/style.ts'
import { type Named, namesOf, summaryOf } from '../summary.ts'
import type { CommandLines } from './command-completion.ts'
import { Completion } from './completion.ts'
import type { Desk } from './desk.ts'
import type { Evaluation } from './evaluation.ts'
import { type Editor, Hint } from './hint.ts'
import type { Names } from './names.ts'
import { Paste } from './paste.ts'

/** What keys work with. */
export interface KeySetting {
  readonly desk: Desk
  readonly names: Names
  readonly style: Style
}

/** Gives the keys of Node's REPL their meaning in the console. */
export function wireKeys(server: REPLServer, { desk, names, style }: KeySetting): void {
  const commands = () => Object.keys(server.commands)
  const completion = new Completion({ desk, names, commands, commandLines: commandLines(desk) })
  completeWith(server, completion)
  interruptWith(server, desk.evaluation)
  const editor = server as unknown as Editor
  const native = editor._ttyWrite.bind(server)
  const paste = new Paste(server, native)
  const hint = style.enabled ? new Hint(server, { completion, desk, style }) : undefined
  editor._ttyWrite = (text, key = {}) => {
    if (paste.takes(text, key)) return
    if (hint) hint.press(text, key, native)
    else native(text, key)
  }
}

// The table that shells complete from is read once somebody may ask.
function commandLines({ workspace, models }: Desk): CommandLines {
  let candidates: ((words: readonly string[], root: string, project: object) => ReturnType<CommandLines>) | undefined
  let named: Named = { connections: [], policies: [] }
  const { root } = runningProgram()
  void nativeImport(join(root, 'bin/console.mjs'))(pathToFileURL(join(root, 'bin/complete.js')).href).then(module => {
    ;({ candidates } = module as { candidates: NonNullable<typeof candidates> })
  })
  void workspace.config().then(config => {
    named = namesOf(config)
  })
  return words => {
    const descriptions = models.map(({ description }) => description)
    return candidates?.(words, root, summaryOf(descriptions, named)) ?? []
  }
}

type Done = (error: Error | null, result?: readonly [readonly string[], string]) => void

function completeWith(server: REPLServer, completion: Completion): void {
  const holder = server as unknown as { completer: (line: string, done: Done) => void }
  holder.completer = (line, done) => {
    const { words, stem } = completion.of(line)
    done(null, [words, stem])
  }
}

// The first Ctrl-C stops what runs; at an empty prompt Node's own rule holds: twice leaves.
function interruptWith(server: REPLServer, evaluation: Evaluation): void {
  const native = server.listeners('SIGINT') as (() => void)[]
  server.removeAllListeners('SIGINT')
  server.on('SIGINT', () => {
    if (evaluation.isRunning) return evaluation.interrupt()
    for (const listener of native) listener.call(server)
  })
}

/** Asks a question where lines are typed; Ctrl-C is an empty answer. */
export function askWith(server: REPLServer, question: string): Promise<string> {
  const ended = new AbortController()
  return new Promise<string>(resolve => {
    const stop = () => {
      ended.abort()
      resolve('')
    }
    server.once('SIGINT', stop)
    server.question(question, { signal: ended.signal }, answer => {
      server.off('SIGINT', stop)
      resolve(answer.trim())
    })
  })
}
