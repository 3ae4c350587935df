// Stamps replies with the time of the operation, by which sessions read what they wrote.

const FIELD = Buffer.from([0x11, ...Buffer.from('operationTime\0')])

let last = 0n

/** Gives the reply with `operationTime` as its last field. */
export function withOperationTime(reply: Buffer): Buffer {
  const stamped = Buffer.allocUnsafe(reply.length + FIELD.length + 8)
  reply.copy(stamped)
  const at = reply.length - 1
  FIELD.copy(stamped, at)
  stamped.writeBigUInt64LE(nextTime(), at + FIELD.length)
  stamped[stamped.length - 1] = 0
  stamped.writeInt32LE(stamped.length)
  return stamped
}

/** Seconds in the high half, a counter in the low one; never the same twice. */
function nextTime(): bigint {
  const now = BigInt(Math.floor(Date.now() / 1000)) << 32n
  last = now > last ? now + 1n : last + 1n
  return last
}
