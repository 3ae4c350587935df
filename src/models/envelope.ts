// The stored form of an encrypted value: which bytes it consists of, and where its blind index lies.
import { Binary } from 'mongodb'

/** The name of the ciphertext of a queryable value. */
export const CIPHER = 'c'

/** The name of the blind index beside it. */
export const BLIND = 'h'

/** An encrypted value, taken apart. */
export interface Envelope {
  readonly key: string
  readonly iv: Uint8Array
  readonly tag: Uint8Array
  readonly text: Uint8Array
}

const SUBTYPE = 0x80
const MAGIC = [0x67, 0x01] as const
const IV = 12
const TAG = 16

/** Puts an encrypted value together. */
export function toEnvelope({ key, iv, tag, text }: Envelope): Binary {
  const id = Buffer.from(key, 'utf8')
  return new Binary(Buffer.concat([Uint8Array.of(...MAGIC, id.length), id, iv, tag, text]), SUBTYPE)
}

/** Takes a stored value apart; undefined when it is none of ours, as one stored before its field was encrypted. */
export function fromEnvelope(stored: unknown): Envelope | undefined {
  const value = isQueryable(stored) ? stored[CIPHER] : stored
  if (!(value instanceof Binary) || value.sub_type !== SUBTYPE) return undefined
  const bytes = value.buffer.subarray(0, value.position)
  const head = MAGIC.length + 1 + (bytes[MAGIC.length] ?? 0)
  if (bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1] || bytes.length < head + IV + TAG) return undefined
  return {
    key: Buffer.from(bytes.subarray(MAGIC.length + 1, head)).toString('utf8'),
    iv: bytes.subarray(head, head + IV),
    tag: bytes.subarray(head + IV, head + IV + TAG),
    text: bytes.subarray(head + IV + TAG),
  }
}

function isQueryable(stored: unknown): stored is Record<string, unknown> {
  return typeof stored === 'object' && stored !== null && CIPHER in stored && BLIND in stored
}
