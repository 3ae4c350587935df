// Limits how long a command may work: maxTimeMS. The time between the batches of a cursor does not count.
import { CommandError } from '../errors.ts'

export class TimeLimit {
  #left: number
  #end: number

  constructor(milliseconds: number) {
    this.#left = milliseconds
    this.#end = Date.now() + milliseconds
  }

  /** Throws MaxTimeMSExpired when the time is over. */
  check(): void {
    if (Date.now() > this.#end) throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit')
  }

  pause(): void {
    this.#left = this.#end - Date.now()
  }

  resume(): void {
    this.#end = Date.now() + this.#left
  }
}
