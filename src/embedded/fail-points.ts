// Makes commands fail on purpose, for tests of clients; only where the server was started so.
import type { Document, Value } from './bson.ts'
import { CommandError } from './errors.ts'
import { isNumber, toDouble } from './numbers.ts'

export interface Failure {
  readonly closesConnection: boolean
  readonly error?: CommandError
  readonly writeConcernError?: Document
}

interface FailCommand {
  readonly commands: ReadonlySet<string>
  readonly data: Document
  times: number
  skip: number
}

export class FailPoints {
  readonly isEnabled: boolean
  #failCommand: FailCommand | undefined

  constructor(options: { readonly isEnabled: boolean }) {
    this.isEnabled = options.isEnabled
  }

  configure(body: Document): void {
    if (body.get('configureFailPoint') !== 'failCommand')
      throw new CommandError('BadValue', `failpoint not found: ${String(body.get('configureFailPoint'))}`)
    const mode = body.get('mode') ?? 'off'
    const data = (body.get('data') ?? new Map()) as Document
    const commands = new Set((data.get('failCommands') ?? []) as string[])
    const counted = mode instanceof Map ? mode : new Map<string, Value>()
    const times = mode === 'alwaysOn' || counted.has('skip') ? Number.POSITIVE_INFINITY : numberOf(counted.get('times'))
    this.#failCommand = mode === 'off' ? undefined : { commands, data, times, skip: numberOf(counted.get('skip')) }
  }

  /** Gives what a command has to fail with now, if anything. */
  failureOf(command: string): Failure | undefined {
    const point = this.#failCommand
    if (!point?.commands.has(command)) return undefined
    if (point.skip-- > 0) return undefined
    if (point.times-- <= 0) return undefined
    return failureFrom(point.data)
  }
}

function failureFrom(data: Document): Failure {
  if (data.get('closeConnection') === true) return { closesConnection: true }
  const labels = (data.get('errorLabels') ?? []) as string[]
  const code = data.get('errorCode')
  const writeConcernError = data.get('writeConcernError') as Document | undefined
  return {
    closesConnection: false,
    ...(code === undefined
      ? {}
      : { error: new CommandError(numberOf(code), "Failing command via 'failCommand' failpoint", { labels }) }),
    ...(writeConcernError === undefined ? {} : { writeConcernError }),
  }
}

function numberOf(value: Value | undefined): number {
  return value !== undefined && isNumber(value) ? toDouble(value) : 0
}
