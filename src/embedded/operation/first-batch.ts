// Answers a command that opens a cursor: the first batch, and the cursor kept if there is more.

import { cursorBody } from '../wire/reply.ts'
import type { CursorSource } from './cursors.ts'
import type { Operation } from './room.ts'

export interface Opened extends Pick<CursorSource, 'namespace' | 'results' | 'scans'> {
  readonly batchSize: number | undefined
  readonly isSingle?: boolean
  readonly noTimeout?: boolean
  readonly awaits?: boolean
  /** a tailable cursor that finds nothing at first is over */
  readonly isTail?: boolean
}

export function firstReply({ room, session, transaction, data, limit }: Operation, opened: Opened): Buffer {
  const cursor = room.cursors.open({
    ...opened,
    noTimeout: opened.noTimeout ?? false,
    data,
    time: limit,
    session: session?.id,
    transaction: transaction?.number,
  })
  try {
    const batch = cursor.fill(opened.batchSize ?? Number.POSITIVE_INFINITY)
    const isOver = cursor.isExhausted || opened.isSingle === true || (opened.isTail === true && batch.count === 0)
    if (isOver) room.cursors.close(cursor.id)
    return cursorBody({ id: isOver ? 0n : cursor.id, namespace: opened.namespace, field: 'firstBatch', batch })
  } catch (error) {
    room.cursors.close(cursor.id)
    throw error
  }
}
