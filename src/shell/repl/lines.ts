// Lines one after the other: evaluated and shown, or run as dot commands; what is typed ahead waits.
import { type REPLServer, Recoverable } from 'node:repl'
import { escapeLines } from '../output/escape.ts'
import type { Style } from '../output/style.ts'
import type { Desk } from './desk.ts'
import { gooseCommands, ownCommands, refuseUnknown, runGooseCommand, wordsOf } from './dot-commands.ts'
import { showHelp } from './help.ts'
import type { History } from './history.ts'
import { errorText } from './outcome.ts'
import { promptOf } from './prompt.ts'
import type { Screen } from './screen.ts'
import { hintFor, isLeaving, wordOf } from './shell-words.ts'
import { Unfinished } from './syntax.ts'

/** What lines are taken with. */
export interface LineSetting {
  readonly desk: Desk
  readonly history: History
  readonly screen: Screen
  readonly style: Style
  tellChanges(): void
}

type Done = (error: Error | null, value?: unknown) => void

/** The lines of a REPL. Nothing is taken in before they are opened. */
export class Lines {
  readonly #server: REPLServer
  readonly #setting: LineSetting
  readonly #native: readonly ((line: string) => void)[]
  readonly #waiting: string[] = []
  #isBusy = true
  /** Whether the entry so far ends in the middle of something. */
  #isInside = false
  #isEdited = false
  #shown = ''

  constructor(server: REPLServer, setting: LineSetting) {
    this.#server = server
    this.#setting = setting
    this.#native = server.listeners('line') as ((line: string) => void)[]
    server.removeAllListeners('line')
    server.on('line', line => {
      this.#waiting.push(line)
      this.#next()
    })
    Object.assign(server, {
      eval: (code: string, _context: unknown, file: string, done: Done) =>
        this.#inTurn(() => this.#evaluate(code, file, done)),
      writer: () => this.#shown,
    })
    this.#defineCommands()
    setInterval(() => this.#tick(), 1000).unref()
  }

  /** Lets lines in. */
  open(): void {
    this.#inTurn(async () => this.#prompt())
  }

  // What is typed ahead waits for what runs: a line may belong to the one before.
  #next(): void {
    while (!this.#isBusy && this.#waiting.length > 0) {
      const line = this.#waiting.shift() ?? ''
      const isPlain = !this.#isInside && !(this.#server as { editorMode?: boolean }).editorMode
      if (isPlain && this.#isRefused(line)) continue
      for (const take of this.#native) take.call(this.#server, line)
    }
  }

  #inTurn(work: () => Promise<void>): void {
    const { screen } = this.#setting
    this.#isBusy = true
    screen.isTyping = false
    void work().finally(() => {
      this.#isBusy = false
      screen.isTyping = true
      this.#next()
    })
  }

  #isRefused(line: string): boolean {
    try {
      refuseUnknown(line, Object.keys(this.#server.commands))
      return false
    } catch (error) {
      this.#setting.history.keepTyped()
      this.#write(errorText(error, this.#setting.style))
      this.#prompt()
      return true
    }
  }

  async #evaluate(code: string, file: string, done: Done): Promise<void> {
    const { history, style } = this.#setting
    const isEdited = this.#isEdited
    this.#isEdited = false
    this.#isInside = false
    try {
      const value = await this.#valueOf(code, file)
      this.#refresh()
      done(null, value)
    } catch (error) {
      if (error instanceof Unfinished && !isEdited) {
        this.#isInside = true
        return done(new Recoverable(error))
      }
      history.keep(code)
      this.#write([errorText(error, style, 'code'), ...hintFor(code).map(hint => `  ${style.hint(hint)}`)].join('\n'))
      this.#tellNews()
      this.#refresh()
      done(null, undefined)
    }
  }

  /** Evaluates an entry; what is to be shown of its value waits until Node asks for it. */
  async #valueOf(code: string, file: string): Promise<unknown> {
    const { desk, history, style, tellChanges } = this.#setting
    const word = wordOf(code)
    if (word !== undefined) {
      history.keep(code)
      return isLeaving(word) ? this.#server.close() : word === 'it' ? desk.more() : showHelp('', desk)
    }
    const { outcome, text } = await desk.outcomeOf(code, file)
    history.keep(code)
    tellChanges()
    const news = desk.news(code).map(line => style.faint(escapeLines(line)))
    this.#shown = [...(text === undefined ? [] : [text]), ...news].join('\n')
    const value = 'value' in outcome ? outcome.value : undefined
    if (value === undefined && this.#shown !== '') this.#write(this.#shown)
    return value
  }

  async #act(run: () => Promise<void>): Promise<void> {
    const { desk, style } = this.#setting
    try {
      const outcome = await desk.evaluation.act(run)
      if (outcome.kind === 'stopped') this.#write((await desk.textOf(outcome)) ?? '')
    } catch (error) {
      this.#write(errorText(error, style))
    }
    this.#tellNews()
    this.#prompt()
  }

  #defineCommands(): void {
    const { desk, history } = this.#setting
    const define = (name: string, help: string, run: (words: string) => Promise<void>) =>
      this.#server.defineCommand(name, {
        help,
        action: words => {
          this.#server.clearBufferedCommand()
          this.#isInside = false
          history.keepTyped()
          this.#inTurn(() => this.#act(() => run(words)))
        },
      })
    for (const [name, command] of Object.entries(ownCommands))
      define(name, command.help, words => command.run(words, desk))
    for (const name of gooseCommands())
      define(name, `goose ${name}`, words => runGooseCommand([name, ...wordsOf(words)], desk))
    define('help', 'Show this help.', words => showHelp(words, desk))
    const { editor, break: leave } = this.#server.commands
    this.#around(editor, () => {
      this.#isEdited = true
    })
    this.#around(leave, () => {
      this.#isInside = false
    })
  }

  #around(command: { action: (this: REPLServer, words: string) => void } | undefined, before: () => void): void {
    if (!command) return
    const { action } = command
    command.action = words => {
      before()
      action.call(this.#server, words)
    }
  }

  #tellNews(): void {
    const { desk, style } = this.#setting
    for (const line of desk.news()) this.#write(style.faint(escapeLines(line)))
  }

  #write(text: string): void {
    this.#server.output.write(`${text}\n`)
  }

  #refresh(): void {
    // Whoever has paused it in a line could type no more.
    process.stdin.resume()
    this.#server.setPrompt(promptOf(this.#setting.desk.session, this.#setting.style))
  }

  // A transaction grows old while nobody types.
  #tick(): void {
    const { desk, screen } = this.#setting
    if (desk.session.mode !== 'transaction' || !screen.isTyping || this.#isInside || this.#server.line !== '') return
    this.#refresh()
    this.#server.prompt(true)
  }

  #prompt(): void {
    this.#refresh()
    this.#server.displayPrompt()
  }
}
