// What is pasted in one piece is put into the line as it is: Tab does not complete it, and it waits for Enter.
import type { REPLServer } from 'node:repl'
import type { Key } from './hint.ts'

interface Buffer {
  line: string
  cursor: number
  _refreshLine(): void
}

/** Takes what terminals mark as pasted. */
export class Paste {
  readonly #server: REPLServer
  readonly #press: (text: string | undefined, key: Key) => void
  #text: string | undefined

  constructor(server: REPLServer, press: (text: string | undefined, key: Key) => void) {
    this.#server = server
    this.#press = press
    const { output } = server
    output.write(on)
    server.once('exit', () => output.write(off))
    server.on('SIGCONT', () => output.write(on))
  }

  /** Says whether a key belongs to what is being pasted. */
  takes(text: string | undefined, key: Key): boolean {
    if (key.name === 'paste-start') this.#text = ''
    else if (this.#text === undefined) return false
    else if (key.name === 'paste-end') this.#insert(this.#text.replaceAll(/\r\n?/g, '\n'))
    else this.#text += text ?? ''
    return true
  }

  #insert(text: string): void {
    this.#text = undefined
    const isTyped = !text.includes('\n') || areCommands(text, Object.keys(this.#server.commands))
    if (isTyped) this.#press(text, {})
    else this.#put(text.replace(/\n+$/, ''))
  }

  #put(whole: string): void {
    const buffer = this.#server as unknown as Buffer
    const { line, cursor } = buffer
    buffer.line = line.slice(0, cursor) + whole + line.slice(cursor)
    buffer.cursor = cursor + whole.length
    buffer._refreshLine()
  }
}

// Terminals are asked to mark what is pasted.
const on = '\u001b[?2004h'
const off = '\u001b[?2004l'

/** Says whether lines are commands of the console, which are run one by one. */
function areCommands(text: string, commands: readonly string[]): boolean {
  return text.split('\n').some(line => {
    const word = /^\s*\.(\w+)(?=\s|$)/.exec(line)?.[1]
    return word !== undefined && commands.includes(word)
  })
}
