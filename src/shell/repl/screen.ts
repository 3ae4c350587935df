// What appears beside the results: above the line that is being typed, and never able to steer the terminal.
import { Console } from 'node:console'
import type { REPLServer } from 'node:repl'
import { Writable } from 'node:stream'
import { escapeLines } from '../output/escape.ts'

/** The screen that a console shares with whoever types. */
export class Screen {
  readonly #server: REPLServer
  /** Whether a line is being typed. */
  isTyping = false

  constructor(server: REPLServer) {
    this.#server = server
    globalThis.console = this.#consoleOf()
  }

  /** Shows a text; above the line that is being typed. */
  show(text: string): void {
    this.#server.output.write(this.isTyping ? `\r\u001b[0J${text}\n` : `${text}\n`)
    if (this.isTyping) this.#server.prompt(true)
  }

  // What is logged may come from the database.
  #consoleOf(): Console {
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        this.show(escapeLines(String(chunk).replace(/\n$/, '')))
        done()
      },
    })
    return new Console({ stdout: stream, stderr: stream, colorMode: false })
  }
}
