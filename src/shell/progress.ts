// Tells how far a long command has come: one line that changes on a terminal, a line now and then anywhere else.
import { escapeControl } from './output/escape.ts'
import { truncate } from './output/width.ts'

const EVERY = 30_000

/** Where progress is told. */
export interface Progress {
  /** Whether it is one line that changes, as wide as `columns` at most. */
  readonly isChanging: boolean
  readonly columns: number
  tell(text: string): void
  /** Writes a line that stays. */
  say(text: string): void
  /** Leaves the terminal as it was. */
  end(): void
}

const silent: Progress = { isChanging: false, columns: 0, tell: () => {}, say: () => {}, end: () => {} }

/** Makes the progress of one command; quiet commands tell nothing. */
export function progressOf({ quiet }: { readonly quiet?: boolean | undefined }, stream = process.stderr): Progress {
  if (quiet) return silent
  if (stream.isTTY) return changingLine(stream)
  let told = Date.now()
  return {
    ...silent,
    tell: text => {
      if (Date.now() - told < EVERY) return
      told = Date.now()
      stream.write(`${text}\n`)
    },
    say: text => void stream.write(`${escapeControl(text)}\n`),
  }
}

function changingLine(stream: NodeJS.WriteStream): Progress {
  let isShown = false
  const clear = () => isShown && stream.write('\r\u001b[2K')
  return {
    isChanging: true,
    get columns() {
      return stream.columns || 80
    },
    tell: text => {
      clear()
      // A line that is wrapped cannot be taken back.
      stream.write(truncate(text, (stream.columns || 80) - 1))
      isShown = true
    },
    say: text => {
      clear()
      isShown = false
      stream.write(`${escapeControl(text)}\n`)
    },
    end: () => {
      clear()
      isShown = false
    },
  }
}
