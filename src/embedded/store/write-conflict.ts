// Says that another transaction or write got there first; the client may try the whole transaction again.
import { CommandError } from '../errors.ts'

export function writeConflict(): CommandError {
  return new CommandError(
    'WriteConflict',
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    { labels: ['TransientTransactionError'] },
  )
}
