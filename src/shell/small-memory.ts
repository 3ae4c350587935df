// Keeps the memory of long operations small: garbage goes before the heap has grown to several times its use.
import { setFlagsFromString } from 'node:v8'

// How much larger than what is in use the heap may become. V8 itself waits for up to four times as much.
const PERCENT = 60

/** Asks V8 to collect garbage sooner, for the rest of this process: only a command may do so, never the library. */
export function keepMemorySmall(): void {
  setFlagsFromString(`--heap-growing-percent=${PERCENT}`)
}
