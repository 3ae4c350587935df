// Reads a request out of a wire message: OP_MSG with its sections, or OP_QUERY for the first hello.
import { ProtocolViolation } from './frame.ts'

export const OP_REPLY = 1
export const OP_QUERY = 2004
const OP_COMPRESSED = 2012
export const OP_MSG = 2013

const CHECKSUM_PRESENT = 1
const MORE_TO_COME = 2
const EXHAUST_ALLOWED = 1 << 16
const KNOWN_REQUIRED_BITS = CHECKSUM_PRESENT | MORE_TO_COME

export interface Message {
  readonly id: number
  readonly opcode: typeof OP_QUERY | typeof OP_MSG
  readonly body: Buffer
  /** documents sent beside the body, by the name of the field they belong to */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>
  readonly wantsReply: boolean
  readonly exhaustAllowed: boolean
  /** the database an OP_QUERY names */
  readonly database?: string
}

/** Reads a whole message; throws ProtocolViolation for what the connection cannot survive. */
export function readMessage(bytes: Buffer): Message {
  const id = bytes.readInt32LE(4)
  const opcode = bytes.readInt32LE(12)
  if (opcode === OP_MSG) return readSections(bytes, id)
  if (opcode === OP_QUERY) return readQuery(bytes, id)
  if (opcode === OP_COMPRESSED) throw new ProtocolViolation('compressed messages are not supported')
  throw new ProtocolViolation(`operation code ${opcode} is not supported`)
}

function readSections(bytes: Buffer, id: number): Message {
  if (bytes.length < 26) throw new ProtocolViolation('OP_MSG is too short')
  const flags = bytes.readUInt32LE(16)
  if ((flags & 0xffff & ~KNOWN_REQUIRED_BITS) !== 0) throw new ProtocolViolation(`unknown flag bits ${flags}`)
  const end = bytes.length - (flags & CHECKSUM_PRESENT ? 4 : 0)
  const sequences = new Map<string, Buffer[]>()
  let body: Buffer | undefined
  for (let at = 20; at < end; ) {
    const kind = bytes[at]!
    const size = sizeAt(bytes, at + 1, end)
    if (kind === 0) {
      if (body) throw new ProtocolViolation('OP_MSG has two bodies')
      body = bytes.subarray(at + 1, at + 1 + size)
    } else if (kind === 1) readSequence(bytes.subarray(at + 1, at + 1 + size), sequences)
    else throw new ProtocolViolation(`unknown section kind ${kind}`)
    at += 1 + size
  }
  if (!body) throw new ProtocolViolation('OP_MSG has no body')
  const wantsReply = (flags & MORE_TO_COME) === 0
  return { id, opcode: OP_MSG, body, sequences, wantsReply, exhaustAllowed: (flags & EXHAUST_ALLOWED) !== 0 }
}

function readSequence(section: Buffer, sequences: Map<string, Buffer[]>): void {
  const nameEnd = section.indexOf(0, 4)
  if (nameEnd < 0) throw new ProtocolViolation('document sequence without a name')
  const name = section.toString('utf8', 4, nameEnd)
  if (sequences.has(name)) throw new ProtocolViolation(`document sequence ${name} is there twice`)
  const documents: Buffer[] = []
  for (let at = nameEnd + 1; at < section.length; ) {
    const size = sizeAt(section, at, section.length)
    const document = section.subarray(at, at + size)
    documents.push(document)
    at += size
  }
  sequences.set(name, documents)
}

function readQuery(bytes: Buffer, id: number): Message {
  const nameEnd = bytes.indexOf(0, 20)
  if (nameEnd < 0 || nameEnd + 9 >= bytes.length) throw new ProtocolViolation('OP_QUERY is too short')
  const namespace = bytes.toString('utf8', 20, nameEnd)
  if (!namespace.endsWith('.$cmd')) throw new ProtocolViolation('OP_QUERY is supported for commands only')
  const start = nameEnd + 9
  const body = bytes.subarray(start, start + sizeAt(bytes, start, bytes.length))
  const database = namespace.slice(0, -'.$cmd'.length)
  return { id, opcode: OP_QUERY, body, sequences: new Map(), wantsReply: true, exhaustAllowed: false, database }
}

function sizeAt(bytes: Buffer, at: number, end: number): number {
  if (at + 5 > end) throw new ProtocolViolation('a section ends early')
  const size = bytes.readInt32LE(at)
  if (size < 5 || at + size > end) throw new ProtocolViolation(`a section says it has ${size} bytes`)
  return size
}
