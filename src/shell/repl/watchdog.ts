// Ends a line that lets nothing else happen, not even the reading of Ctrl-C: another thread reads it then.
import { Worker } from 'node:worker_threads'

/** How often this thread says that it is alive, in milliseconds. */
const BEAT = 100

/** Watches the lines of a console. */
export class Watchdog {
  /** Beats of this thread, and whether Ctrl-C was read beside it. */
  readonly #flags = new Int32Array(new SharedArrayBuffer(8))
  readonly #onPressed: () => void
  #worker: Worker | undefined
  #heart: NodeJS.Timeout | undefined

  /** `onPressed` is called, once this thread gets to it, when Ctrl-C was read beside it. */
  constructor(onPressed: () => void) {
    this.#onPressed = onPressed
  }

  /** Whether a loop that hinders everything else is to end. */
  readonly isPressed = (): boolean => Atomics.load(this.#flags, 1) !== 0

  /** Starts the thread; without a terminal that can be opened twice, nobody watches. */
  start(): void {
    if (process.platform === 'win32') return
    const worker = new Worker(guard, { eval: true, workerData: { flags: this.#flags, beat: BEAT } })
    worker.unref()
    worker.on('error', () => {
      this.#worker = undefined
    })
    worker.on('message', (typed: Uint8Array | 'pressed') => {
      if (typed === 'pressed') this.#onPressed()
      else process.stdin.emit('data', Buffer.from(typed))
    })
    this.#worker = worker
  }

  /** Watches from now on, until the function it gives is called. */
  watch(): () => void {
    const worker = this.#worker
    Atomics.store(this.#flags, 1, 0)
    worker?.postMessage('runs')
    this.#heart ??= setInterval(() => Atomics.add(this.#flags, 0, 1), BEAT)
    return () => {
      clearInterval(this.#heart)
      this.#heart = undefined
      worker?.postMessage('rests')
    }
  }
}

// As a text: it runs in a thread of its own, which loads nothing else. It touches the terminal only while the other
// thread does not, and hands on what was typed meanwhile. What does not end at the first Ctrl-C is no loop that was
// typed: then the second ends the process, which no other way is left for.
const guard = `
const { parentPort, workerData: { flags, beat } } = require('node:worker_threads')
const { openSync, writeSync } = require('node:fs')
const { ReadStream } = require('node:tty')
let clock, input, last, missed
const rest = () => { input?.destroy(); input = undefined; missed = 0 }
const press = () => {
  const isFirst = Atomics.exchange(flags, 1, 1) === 0
  if (isFirst) missed = 0
  else if (missed > 20) {
    input.setRawMode(false)
    writeSync(openSync('/dev/tty', 'w'), '\\r\\nthis does not end: the console does\\r\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  parentPort.postMessage('pressed')
}
const listen = () => {
  input = new ReadStream(openSync('/dev/tty', 'r'))
  input.on('error', rest)
  input.on('data', typed => typed.includes(3) ? press() : parentPort.postMessage(typed))
}
const look = () => {
  const now = Atomics.load(flags, 0)
  if (now !== last) rest()
  else if (++missed >= 4 && !input) listen()
  last = now
}
parentPort.on('message', said => {
  clearInterval(clock)
  rest()
  if (said === 'runs') clock = setInterval(look, beat)
})
`
