// A transaction that stays open between calls, for people who type one line after the other.
import { connectionOf } from './connection.ts'
import { type OpenTransaction, withTransaction } from './context.ts'

/** An open transaction: calls take part in it one after the other, until it is committed or aborted. */
export interface HeldTransaction {
  within<T>(act: () => Promise<T>): Promise<T>
  /** Commits; where the server did not tell whether it has, it can be asked again. */
  commit(): Promise<void>
  /** Takes back what was written; documents in memory become what they were before, or stay as they are. */
  abort(memory: 'restore' | 'keep'): Promise<void>
}

/** Opens a transaction on a connection; the server learns of it with its first command.
 * What happens in a trial is not audited: it is never committed. */
export async function holdTransaction(connection: string, purpose?: 'trial'): Promise<HeldTransaction> {
  const { client } = await connectionOf(connection)
  const session = client.startSession()
  session.startTransaction()
  const open: OpenTransaction = {
    connection,
    session,
    isTrial: purpose === 'trial',
    turn: Promise.resolve(),
    undo: new Map(),
    beforeCommit: [],
    afterEnd: [],
  }
  const end = async (way: 'committed' | 'aborted') => {
    await session.endSession()
    for (const told of open.afterEnd) told(way)
  }
  let isPrepared = false
  return {
    within: act => withTransaction(open, act),
    // Asked again, it only asks the server again: what comes before the commit is part of what was sent.
    commit: async () => {
      if (!isPrepared) for (const prepare of open.beforeCommit) await withTransaction(open, prepare)
      isPrepared = true
      await session.commitTransaction()
      await end('committed')
    },
    abort: async memory => {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined)
      if (memory === 'restore') for (const undo of [...open.undo.values()].reverse()) undo()
      await end(memory === 'keep' ? 'committed' : 'aborted')
    },
  }
}
