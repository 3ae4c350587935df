// Tells on stderr how far work has come: one line that changes on a terminal, a line now and then anywhere else.
import { escapeControl } from './output/escape.ts'

const EVERY = 30_000

/** Where progress is told. */
export interface Progress {
  tell(text: string): void
  /** Writes a line that stays. */
  say(text: string): void
  /** Leaves the terminal as it was. */
  end(): void
}

/** Makes the progress of one command; quiet commands tell nothing. */
export function progressOf({ quiet }: { readonly quiet?: boolean | undefined }, stream = process.stderr): Progress {
  if (quiet) return { tell: () => {}, say: () => {}, end: () => {} }
  if (stream.isTTY) return changingLine(stream)
  let told = Date.now()
  return {
    tell: text => {
      if (Date.now() - told < EVERY) return
      told = Date.now()
      stream.write(`${text}\n`)
    },
    say: text => void stream.write(`${escapeControl(text)}\n`),
    end: () => {},
  }
}

function changingLine(stream: NodeJS.WritableStream): Progress {
  let isShown = false
  const clear = () => isShown && stream.write('\r\u001b[2K')
  return {
    tell: text => {
      clear()
      stream.write(text)
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
