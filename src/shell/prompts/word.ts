// Asks for one word on the terminal.
import { createInterface } from 'node:readline/promises'

/** Asks on stderr and gives what was typed; an end of input or Ctrl-C is an empty answer. */
export async function askWord(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<string>(resolve => {
    terminal.once('close', () => resolve(''))
    terminal.once('SIGINT', () => resolve(''))
  })
  try {
    return (await Promise.race([terminal.question(question), ended])).trim()
  } finally {
    terminal.close()
  }
}
