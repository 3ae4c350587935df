// The key ring: from GOOSE_KEYS or set by code, newest first; encrypts with the first, decrypts with any.
import { hkdfSync, randomBytes } from 'node:crypto'
import { ConfigInvalid } from '../errors.ts'

/** A key of the ring: 32 bytes, as such or in base64. */
export interface EncryptionKey {
  readonly id: string
  readonly key: Uint8Array | string
}

/** A key as the runtime uses it. */
export interface RingKey {
  readonly id: string
  readonly cipher: Uint8Array
  /** Gives the key of the blind index of one field. */
  blind(field: string): Uint8Array
}

interface Holder {
  text?: string | undefined
  ring: readonly RingKey[]
  set: boolean
}

const KEY = Symbol.for('goose.keys')

function holder(): Holder {
  const shared = globalThis as { [KEY]?: Holder }
  shared[KEY] ??= { ring: [], set: false }
  return shared[KEY]
}

/** Sets the keys of this process, newest first, in place of GOOSE_KEYS; without any, GOOSE_KEYS counts again.
 *
 * ```ts
 * setKeys([{ id: '2026', key: generateKey() }])
 * ```
 */
export function setKeys(keys?: readonly EncryptionKey[]): void {
  const ring = (keys ?? []).map(key => ringKey(key.id, key.key, 'setKeys'))
  refuseTwice(ring, 'setKeys')
  Object.assign(holder(), { ring, set: keys !== undefined, text: undefined })
}

/** Makes a new key: 32 random bytes in base64. */
export function generateKey(): string {
  return randomBytes(32).toString('base64')
}

/** Gives the ids of the keys there are, newest first. Throws `ConfigInvalid` when GOOSE_KEYS cannot be read. */
export function keyIds(): readonly string[] {
  return keyRing().map(key => key.id)
}

/** Gives the keys, newest first. */
export function keyRing(): readonly RingKey[] {
  const held = holder()
  const text = process.env.GOOSE_KEYS ?? ''
  if (held.set || held.text === text) return held.ring
  const ring = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(fromText)
  refuseTwice(ring, 'GOOSE_KEYS')
  Object.assign(held, { ring, text })
  return ring
}

// What is wrong is said by place: a key that was written wrongly may still be a key.
function fromText(entry: string, at: number): RingKey {
  const colon = entry.indexOf(':')
  if (colon < 1) throw invalid('GOOSE_KEYS', `entry ${at + 1} is not id:base64`)
  return ringKey(entry.slice(0, colon), entry.slice(colon + 1), 'GOOSE_KEYS')
}

function ringKey(id: string, key: Uint8Array | string, file: string): RingKey {
  if (!/^[\w.-]{1,64}$/.test(id)) throw invalid(file, 'the id of a key is not 1 to 64 letters, digits, dots or dashes')
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.from(key)
  if (bytes.length !== 32) throw invalid(file, `key "${id}" has ${bytes.length} bytes, 32 are needed`)
  const derived = new Map<string, Uint8Array>()
  const derive = (purpose: string) => {
    const there = derived.get(purpose) ?? new Uint8Array(hkdfSync('sha256', bytes, '', purpose, 32))
    derived.set(purpose, there)
    return there
  }
  return { id, cipher: derive('goose cipher'), blind: field => derive(`goose blind index ${field}`) }
}

function refuseTwice(ring: readonly RingKey[], file: string): void {
  const twice = ring.find((key, i) => ring.findIndex(other => other.id === key.id) !== i)
  if (twice) throw invalid(file, `key "${twice.id}" is there twice`)
}

function invalid(file: string, reason: string): ConfigInvalid {
  return new ConfigInvalid({ file, reason, hint: 'write GOOSE_KEYS=id:base64, newest first, separated by commas' })
}
