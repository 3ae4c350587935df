// Makes commands fail on purpose, for tests of clients; only where the server was started so.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { labelsOf } from './error-labels.ts'
import type { Request } from './request.ts'

export interface Failure {
  readonly closesConnection: boolean
  /** how long the answer is held back */
  readonly milliseconds: number
  readonly error?: CommandError
  readonly writeConcernError?: Document
  readonly labels: readonly string[]
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
  failureOf(request: Request): Failure | undefined {
    const point = this.#failCommand
    if (!point?.commands.has(request.name)) return undefined
    if (point.skip-- > 0) return undefined
    if (point.times-- <= 0) return undefined
    return failureFrom(point.data, request)
  }
}

function failureFrom(data: Document, request: Request): Failure {
  const code = data.get('errorCode')
  const writeConcernError = data.get('writeConcernError') as Document | undefined
  const given = data.get('errorLabels') as string[] | undefined
  const labels =
    given ?? (code === undefined ? retryLabels(writeConcernError, request) : labelsOf(numberOf(code), request))
  return {
    closesConnection: data.get('closeConnection') === true,
    milliseconds: data.get('blockConnection') === true ? numberOf(data.get('blockTimeMS')) : 0,
    labels,
    ...(code === undefined
      ? {}
      : { error: new CommandError(numberOf(code), "Failing command via 'failCommand' failpoint", { labels }) }),
    ...(writeConcernError === undefined ? {} : { writeConcernError }),
  }
}

/** What was written stays written, so a transaction is not to be tried again as a whole. */
function retryLabels(writeConcernError: Document | undefined, request: Request): string[] {
  return labelsOf(numberOf(writeConcernError?.get('code')), request).filter(label => label === 'RetryableWriteError')
}

function numberOf(value: Value | undefined): number {
  return value !== undefined && isNumber(value) ? toDouble(value) : 0
}
