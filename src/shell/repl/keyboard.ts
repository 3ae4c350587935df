// What keys do in the console beside typing: Tab completes, what it would complete is shown ahead, Ctrl-C stops.
import type { REPLServer } from 'node:repl'
import type { Style } from '../output/style.ts'
import { completionOf } from './completion.ts'
import type { Desk } from './desk.ts'
import type { Evaluation } from './evaluation.ts'

/** Gives the keys of Node's REPL their meaning in the console. */
export function wireKeys(server: REPLServer, desk: Desk, style: Style): void {
  completeWith(server, desk)
  interruptWith(server, desk.evaluation)
  if (style.enabled) showAhead(server, desk, style)
}

type Done = (error: Error | null, result?: readonly [readonly string[], string]) => void

function completeWith(server: REPLServer, desk: Desk): void {
  const holder = server as unknown as { completer: (line: string, done: Done) => void }
  const native = holder.completer
  holder.completer = (line, done) => {
    const found = completionOf(line, desk.models)
    if (found && found.words.length > 0) return done(null, [found.words, found.stem])
    const command = /^\s*\.(\w+)\s+(\w*)$/.exec(line)
    if (command) {
      const names = desk.models.map(model => model.name).filter(name => name.startsWith(command[2] ?? ''))
      return done(null, [names, command[2] ?? ''])
    }
    native.call(server, line, done)
  }
}

// The first Ctrl-C stops what runs; at an empty prompt Node's own rule holds: twice leaves.
function interruptWith(server: REPLServer, evaluation: Evaluation): void {
  const native = server.listeners('SIGINT') as (() => void)[]
  server.removeAllListeners('SIGINT')
  server.on('SIGINT', () => {
    const { isRunning, isInside } = evaluation
    evaluation.interrupt()
    // Where Node itself waits for an await, only its own listener can end that.
    if (isInside || !isRunning) for (const listener of native) listener.call(server)
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

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

interface Editor {
  readonly line: string
  readonly cursor: number
  _ttyWrite(text: string | undefined, key: Key | undefined): void
}

/** Shows what Tab would add behind the cursor; → and End take it. */
function showAhead(server: REPLServer, desk: Desk, style: Style): void {
  const editor = server as unknown as Editor
  const native = editor._ttyWrite
  let ahead = ''
  let isSearching = false
  editor._ttyWrite = (text, key = {}) => {
    const offered = ahead
    ahead = ''
    if (offered !== '') server.output.write('\u001b[0K')
    if (offered !== '' && takes(key)) return native.call(server, offered, {})
    native.call(server, text, key)
    isSearching = (isSearching && !endsSearch(key)) || (key.ctrl === true && key.name === 'r')
    if (isSearching || desk.evaluation.isRunning || isControl(key) || editor.cursor !== editor.line.length) return
    ahead = nextOf(editor.line, desk)
    const { cols } = server.getCursorPos()
    if (ahead === '' || cols + ahead.length >= desk.width) ahead = ''
    else server.output.write(`${style.faint(ahead)}\u001b[${ahead.length}D`)
  }
}

function takes({ name, ctrl }: Key): boolean {
  return ctrl ? name === 'e' || name === 'f' : name === 'right' || name === 'end'
}

function endsSearch({ name = '', ctrl }: Key): boolean {
  return ['return', 'enter', 'escape', 'tab', 'left', 'right'].includes(name) || (ctrl === true && name !== 'r')
}

function isControl({ name = '', ctrl }: Key): boolean {
  return ctrl === true || ['return', 'enter', 'tab', 'escape', 'up', 'down'].includes(name)
}

/** Gives what all candidates go on with, once a word has begun. */
function nextOf(line: string, desk: Desk): string {
  const found = completionOf(line, desk.models)
  if (!found || found.stem === '') return ''
  const rests = found.words.map(word => word.slice(found.stem.length))
  const [first = ''] = rests
  let length = first.length
  for (const rest of rests) while (!rest.startsWith(first.slice(0, length))) length -= 1
  return first.slice(0, length)
}
