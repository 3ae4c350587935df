// Looks at a data file before it is mapped into memory: a damaged one would end the process, not raise an error.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'

const MAGIC = 0xbeefc0de
const VERSION = 2
const HEADER_BYTES = 24
const IS_BRANCH = 1
const IS_LEAF = 2
const IS_META = 8
const NO_PAGE = 0xffffffffffffffffn
/** Looking on takes time at every start; the upper levels of the trees come first. */
const MOST_PAGES = 1000
const ATTEMPTS = 3

/** Gives what is wrong with a data file, or undefined. */
export function damageOf(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  let damage: string | undefined
  // Another process may be writing just now: what is wrong only once was in the middle of a change.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    damage = look(file)
    if (damage === undefined) return undefined
  }
  return damage
}

function look(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    return size === 0 ? undefined : new DataFile(file, size).damage()
  } finally {
    closeSync(file)
  }
}

interface Meta {
  readonly pageSize: number
  readonly transaction: bigint
  readonly roots: readonly bigint[]
}

class DataFile {
  readonly #file: number
  readonly #size: number
  #pageSize = 4096

  constructor(file: number, size: number) {
    this.#file = file
    this.#size = size
  }

  damage(): string | undefined {
    const first = metaAt(this.#read(0, 256))
    if (typeof first === 'string') return first
    this.#pageSize = first.pageSize
    const second = metaAt(this.#read(first.pageSize, 256))
    if (typeof second === 'string') return second
    const { roots } = second.transaction > first.transaction ? second : first
    return this.#walk(roots.filter(root => root !== NO_PAGE))
  }

  #walk(roots: readonly bigint[]): string | undefined {
    const waiting = [...roots]
    for (let seen = 0; seen < waiting.length && seen < MOST_PAGES; seen++) {
      const number = waiting[seen]!
      if ((number + 1n) * BigInt(this.#pageSize) > BigInt(this.#size)) return `it ends before its page ${number}`
      const page = this.#read(Number(number) * this.#pageSize, this.#pageSize)
      if (page.readBigUInt64LE(0) !== number) return `its page ${number} is overwritten`
      waiting.push(...childrenOf(page, seen < roots.length))
    }
    return undefined
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.#file, bytes, 0, length, position)
    return bytes
  }
}

function metaAt(bytes: Buffer): Meta | string {
  if ((bytes.readUInt16LE(18) & IS_META) === 0 || bytes.readUInt32LE(24) !== MAGIC) return 'it is no data file'
  const version = bytes.readUInt32LE(28)
  if (version !== VERSION) return `its layout has version ${version}, not ${VERSION}`
  const pageSize = bytes.readUInt32LE(48)
  if (pageSize < 512 || pageSize > 65536) return 'its page size is damaged'
  return {
    pageSize,
    transaction: bytes.readBigUInt64LE(152),
    roots: [bytes.readBigUInt64LE(88), bytes.readBigUInt64LE(136)],
  }
}

/** Gives the pages below a branch; below a root that is a leaf, the roots of the tables it names. */
function childrenOf(page: Buffer, isRoot: boolean): bigint[] {
  const flags = page.readUInt16LE(18)
  if ((flags & IS_BRANCH) === 0 && !(isRoot && (flags & IS_LEAF) !== 0)) return []
  const count = page.readUInt16LE(20) / 2
  const found: bigint[] = []
  for (let at = 0; at < count; at++) {
    const node = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * at)
    if (node + 8 > page.length) return [NO_PAGE]
    if ((flags & IS_BRANCH) !== 0)
      found.push(BigInt(page.readUInt32LE(node)) | (BigInt(page.readUInt16LE(node + 4)) << 32n))
    else found.push(...tableRoot(page, node))
  }
  return found
}

const IS_TABLE = 2
const ROOT_OFFSET = 40

function tableRoot(page: Buffer, node: number): bigint[] {
  if ((page.readUInt16LE(node + 4) & IS_TABLE) === 0) return []
  const at = node + 8 + page.readUInt16LE(node + 6) + ROOT_OFFSET
  if (at + 8 > page.length) return [NO_PAGE]
  const root = page.readBigUInt64LE(at)
  return root === NO_PAGE ? [] : [root]
}
