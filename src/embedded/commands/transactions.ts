// Commits or aborts the transaction of a session.

import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import type { Command, Operation } from '../operation/room.ts'
import { noSuchTransaction, type Transaction } from '../sessions/transactions.ts'

export const commitTransaction: Command = {
  help: 'commits a transaction',
  inTransactions: true,
  adminOnly: true,
  run: async operation => {
    await required(operation).commit()
    return document({})
  },
}

export const abortTransaction: Command = {
  help: 'aborts a transaction',
  inTransactions: true,
  adminOnly: true,
  run: operation => {
    const transaction = required(operation)
    if (transaction.state === 'committed')
      throw new CommandError('TransactionCommitted', `Transaction ${transaction.number} has been committed.`)
    if (transaction.state === 'aborted') throw noSuchTransaction(transaction.number)
    transaction.abort()
    return document({})
  },
}

function required({ request, transaction }: Operation): Transaction {
  if (transaction) return transaction
  throw new CommandError(125, `${request.name} must be run within a transaction`)
}
