// Reads the audit log as links of chains, in their order; what is verified are the stored bytes.
import { BSON, type Collection, type Document } from 'mongodb'
import { hashOfBytes } from '../runtime/audit-chain.ts'

/** One entry as a link: its place, its hash, and its bytes. */
export interface Link {
  readonly id: unknown
  readonly chain: unknown
  readonly seq: number
  readonly at: Date | undefined
  readonly op: unknown
  readonly operation: unknown
  readonly hash: string | undefined
  readonly bytes: Uint8Array
  readonly confirms: unknown
  readonly batch: Document | undefined
  /** How many changes it tells of. */
  readonly entries: number
}

/** Reads links in the order of chain and place. */
export async function* linksOf(log: Collection<Document>, filter: Document = {}): AsyncGenerator<Link> {
  const cursor = log.find(filter, { raw: true, batchSize: 1000 }).sort({ chain: 1, seq: 1 })
  try {
    for (;;) {
      if (!(await cursor.hasNext())) return
      for (const bytes of cursor.readBufferedDocuments() as unknown as Uint8Array[]) yield linkOf(bytes)
    }
  } finally {
    await cursor.close()
  }
}

/** Gives the hash that an entry must have behind another. */
export function expectedHash(link: Link, previous: string): string {
  return hashOfBytes(withoutHash(link.bytes), previous)
}

const wanted = new Set(['_id', 'chain', 'seq', 'at', 'op', 'operation', 'hash', 'confirms', 'batch'])

const ARRAY = 4

type Element = readonly [type: number, nameAt: number, nameLength: number, at: number, length: number]

// Only what tells a link apart is decoded: most of an entry is its changes.
function linkOf(bytes: Uint8Array): Link {
  const elements = elementsOf(bytes)
  const bundle = elements.find(element => element[0] === ARRAY && nameOf(bytes, element) === 'documentId')
  const entries = bundle ? elementsOf(bytes.subarray(bundle[3], bundle[3] + bundle[4])).length : 1
  const parts = elements.filter(element => wanted.has(nameOf(bytes, element)))
  const body = parts.map(element => Buffer.from(bytes.subarray(element[1] - 1, element[3] + element[4])))
  const size = 5 + body.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.alloc(4)
  head.writeInt32LE(size)
  const part = BSON.deserialize(Buffer.concat([head, ...body, Buffer.alloc(1)]))
  const { _id, chain, seq, at, op, operation, hash, confirms, batch } = part
  return { id: _id, chain, seq: Number(seq), at, op, operation, hash, bytes, confirms, batch, entries }
}

function withoutHash(bytes: Uint8Array): Uint8Array {
  const element = elementsOf(bytes).find(one => nameOf(bytes, one) === 'hash')
  if (!element) return bytes
  const rest = Buffer.concat([bytes.subarray(0, element[1] - 1), bytes.subarray(element[3] + element[4])])
  rest.writeInt32LE(rest.length)
  return rest
}

function elementsOf(bytes: Uint8Array): readonly Element[] {
  return [...BSON.onDemand.parseToElements(bytes)] as readonly Element[]
}

function nameOf(bytes: Uint8Array, [, at, length]: Element): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1')
}
