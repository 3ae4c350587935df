// Turns whatever was thrown into the error reply that MongoDB would give.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { CommandError } from '../errors.ts'

export function errorBody(error: CommandError): Buffer {
  return encodeDocument(errorDocument(error))
}

function errorDocument(error: CommandError): Document {
  const reply: Document = new Map<string, Value>([
    ['ok', 0],
    ['errmsg', error.message],
    ['code', int32(error.code)],
    ['codeName', error.codeName],
  ])
  for (const [name, value] of error.fields) reply.set(name, value as Value)
  if (error.labels.length > 0) reply.set('errorLabels', [...error.labels])
  return reply
}

/** Gives a command error for any error: those of the storage and of this program get a code, too. */
export function toCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (/MDB_MAP_FULL|No space left|ENOSPC/.test(message))
    return new CommandError('OutOfDiskSpace', `the disk is full: ${message}`, { cause: error })
  if (/Input\/output error|EIO/.test(message))
    return new CommandError('OperationFailed', `the disk could not be written, it may be full: ${message}`, {
      cause: error,
    })
  if (/MDB_(CORRUPTED|PAGE_NOTFOUND|PANIC|INVALID)/.test(message))
    return new CommandError('OperationFailed', `the data file is damaged: ${message}`, { cause: error })
  if (error instanceof RangeError && /call stack/.test(message))
    return new CommandError('Overflow', 'the command is nested too deeply', { cause: error })
  return new CommandError('InternalError', message, { cause: error })
}
