// Shows ahead, behind the cursor, what Tab would add; → and End take it.
import type { REPLServer } from 'node:repl'
import type { Style } from '../output/style.ts'
import type { Completion } from './completion.ts'
import type { Desk } from './desk.ts'

/** A key as Node tells of it. */
export interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

/** What readline keeps of the line being typed. */
export interface Editor {
  readonly line: string
  readonly cursor: number
  _ttyWrite(text: string | undefined, key: Key | undefined): void
}

type Press = (text: string | undefined, key: Key) => void

/** What hints are made with. */
export interface HintSetting {
  readonly completion: Completion
  readonly desk: Desk
  readonly style: Style
}

/** The hint behind the cursor. */
export class Hint {
  readonly #server: REPLServer
  readonly #setting: HintSetting
  #ahead = ''
  #isSearching = false

  constructor(server: REPLServer, setting: HintSetting) {
    this.#server = server
    this.#setting = setting
  }

  /** Lets a key do what it does, and shows what could follow. */
  press(text: string | undefined, key: Key, native: Press): void {
    const { line, cursor } = this.#server as unknown as Editor
    const offered = this.#ahead
    this.#ahead = ''
    if (offered !== '') this.#server.output.write('\u001b[0K')
    const isTaken = offered !== '' && takes(key) && cursor === line.length
    if (isTaken) native(offered, {})
    else native(text, key)
    if (isTaken) return
    this.#isSearching = (this.#isSearching && !endsSearch(key)) || (key.ctrl === true && key.name === 'r')
    if (!this.#isSearching && !this.#setting.desk.evaluation.isRunning && !isControl(key)) this.#show()
  }

  #show(): void {
    const { line, cursor } = this.#server as unknown as Editor
    if (cursor !== line.length) return
    const { completion, style } = this.#setting
    const ahead = completion.aheadOf(line)
    const { cols } = this.#server.getCursorPos()
    if (ahead === '' || cols + ahead.length >= (process.stdout.columns || 80)) return
    this.#ahead = ahead
    this.#server.output.write(`${style.faint(ahead)}\u001b[${ahead.length}D`)
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
