// Makes a document ready to be stored: its _id first, no forbidden fields, within the limits. Bytes stay bytes.
import { ObjectId, Timestamp } from 'mongodb'
import type { Document } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { endOfName, findId, valueEnd } from '../bson/walk.ts'
import { CommandError } from '../errors.ts'

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024

const TYPE_NAMES = new Map([
  [4, 'an array'],
  [6, 'a undefined'],
  [11, 'a regex'],
])

/** Gives the bytes to store for an inserted document. */
export function readyToInsert(bytes: Buffer): Buffer {
  if (bytes.length > MAX_DOCUMENT_BYTES) throw tooLarge(bytes.length)
  const id = findId(bytes)
  if (id) checkId(bytes, id.type, id.valueStart)
  const stamped = withTimestamps(bytes)
  if (id?.start === 4) return stamped
  return id ? withIdFirst(stamped, id.start, id.valueEnd) : withNewId(stamped)
}

function tooLarge(size: number): CommandError {
  return new CommandError(
    'BSONObjectTooLarge',
    `object to insert too large. size in bytes: ${size}, max size: ${MAX_DOCUMENT_BYTES}`,
  )
}

function checkId(bytes: Buffer, type: number, valueStart: number): void {
  const wrong = TYPE_NAMES.get(type)
  if (wrong !== undefined) throw new CommandError('BadValue', `can't use ${wrong} for _id`)
  if (type !== 3) return
  const nameStart = valueStart + 5
  if (bytes[valueStart + 4] !== 0 && bytes[nameStart] === '$'.charCodeAt(0)) {
    const name = bytes.toString('utf8', nameStart, bytes.indexOf(0, nameStart))
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${name}' in '_id' is not allowed in the context of an update's replacement document.`,
    )
  }
}

function withIdFirst(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.concat([
    bytes.subarray(0, 4),
    bytes.subarray(start, end),
    bytes.subarray(4, start),
    bytes.subarray(end),
  ])
}

function withNewId(bytes: Buffer): Buffer {
  const id = encodeDocument(new Map([['_id', new ObjectId()]]) as Document)
  const whole = Buffer.concat([id.subarray(0, -1), bytes.subarray(4)])
  whole.writeInt32LE(whole.length, 0)
  return whole
}

let lastSecond = 0
let lastIncrement = 0

export function clockTimestamp(): Timestamp {
  const second = Math.floor(Date.now() / 1000)
  lastIncrement = second === lastSecond ? lastIncrement + 1 : 1
  lastSecond = second
  return new Timestamp({ t: second, i: lastIncrement })
}

/** An empty timestamp at the top level, except in _id, stands for the time of the insert. */
function withTimestamps(bytes: Buffer): Buffer {
  let stamped = bytes
  for (let at = 4; bytes[at] !== 0; ) {
    const nameEnd = endOfName(bytes, at + 1)
    const isEmpty = bytes[at] === 17 && bytes.readBigUInt64LE(nameEnd + 1) === 0n
    if (isEmpty && bytes.toString('latin1', at + 1, nameEnd) !== '_id') {
      if (stamped === bytes) stamped = Buffer.from(bytes)
      const now = clockTimestamp()
      stamped.writeUInt32LE(now.i, nameEnd + 1)
      stamped.writeUInt32LE(now.t, nameEnd + 5)
    }
    at = valueEnd(bytes, bytes[at]!, nameEnd + 1)
  }
  return stamped
}
