// Sorts more items than memory should hold: sorted runs go to a file and are merged when they are read.
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../errors.ts'

const SORT_MEMORY_BYTES = 104_857_600

export interface RunOptions<Item> {
  compare(a: Item, b: Item): number
  /** how much memory an item takes, about */
  sizeOf(item: Item): number
  toBytes(item: Item): Uint8Array
  fromBytes(bytes: Buffer): Item
  /** how many of the first items are wanted */
  readonly limit: number
  /** whether a file may be used; otherwise too much is an error */
  readonly allowsDisk: boolean
  readonly memory?: number
}

/** Takes items in any order, and gives them sorted; equal ones in the order in which they came. */
export class SortedRuns<Item> {
  readonly #options: RunOptions<Item>
  readonly #memory: number
  readonly #runs: Run[] = []
  #file: number | undefined
  #written = 0
  #kept: Item[] = []
  #size = 0
  #worst: Item | undefined

  constructor(options: RunOptions<Item>) {
    this.#options = options
    this.#memory = options.memory ?? SORT_MEMORY_BYTES
  }

  /** The item is not better than as many as are wanted: it need not be added. */
  isBeyond(item: Item): boolean {
    return this.#worst !== undefined && this.#options.compare(item, this.#worst) >= 0
  }

  add(item: Item): void {
    this.#size += this.#options.sizeOf(item)
    if (this.#kept.push(item) >= 2 * this.#options.limit + 16 || this.#size > this.#memory) this.#compact()
  }

  /** Gives the items in order. Its return releases the file. */
  *items(): Generator<Item> {
    try {
      const { compare, limit } = this.#options
      this.#kept.sort(compare)
      if (this.#runs.length === 0) yield* this.#kept.slice(0, Math.min(limit, this.#kept.length))
      else yield* this.#merged()
    } finally {
      this.release()
    }
  }

  release(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#kept = []
  }

  #compact(): void {
    const { compare, limit, sizeOf } = this.#options
    this.#kept.sort(compare)
    if (this.#kept.length >= limit) {
      this.#kept.length = limit
      this.#worst = this.#kept.at(-1)
    }
    this.#size = this.#kept.reduce((sum, item) => sum + sizeOf(item), 0)
    if (this.#size > this.#memory / 2) this.#spill()
  }

  #spill(): void {
    if (!this.#options.allowsDisk)
      throw new CommandError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${this.#memory} bytes, but did not opt in to external sorting.`,
      )
    this.#file ??= openTemporary()
    const start = this.#written
    for (const item of this.#kept) this.#written += writeItem(this.#file, this.#options.toBytes(item), this.#written)
    this.#runs.push({ start, end: this.#written })
    this.#kept = []
    this.#size = 0
  }

  *#merged(): Generator<Item> {
    const { compare, fromBytes, limit } = this.#options
    const file = this.#file!
    const sources: Iterator<Item>[] = [
      ...this.#runs.map(run => itemsOf(file, run, fromBytes)),
      this.#kept[Symbol.iterator](),
    ]
    const heads = sources.map(source => source.next())
    for (let left = limit; left > 0; left--) {
      let least = -1
      for (const [at, head] of heads.entries())
        if (!head.done && (least < 0 || compare(head.value, heads[least]!.value) < 0)) least = at
      if (least < 0) return
      yield heads[least]!.value
      heads[least] = sources[least]!.next()
    }
  }
}

interface Run {
  readonly start: number
  readonly end: number
}

/** The file has no name once it is open, so that nothing is left of it whatever happens. */
function openTemporary(): number {
  const path = join(tmpdir(), `goose-sort-${process.pid}-${Math.random().toString(36).slice(2)}`)
  const file = openSync(path, 'wx+', 0o600)
  rmSync(path, { force: true })
  return file
}

const LENGTH_BYTES = 4
const CHUNK_BYTES = 256 * 1024

function writeItem(file: number, bytes: Uint8Array, at: number): number {
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + bytes.length)
  framed.writeUInt32LE(bytes.length)
  framed.set(bytes, LENGTH_BYTES)
  writeSync(file, framed, 0, framed.length, at)
  return framed.length
}

function* itemsOf<Item>(file: number, { start, end }: Run, fromBytes: (bytes: Buffer) => Item): Generator<Item> {
  let at = start
  let chunk: Buffer = Buffer.alloc(0)
  const need = (size: number) => {
    if (chunk.length >= size) return
    const read = Buffer.allocUnsafe(Math.min(Math.max(size, CHUNK_BYTES), end - at))
    chunk = read.subarray(0, readSync(file, read, 0, read.length, at))
  }
  while (at < end) {
    need(LENGTH_BYTES)
    const size = LENGTH_BYTES + chunk.readUInt32LE(0)
    need(size)
    yield fromBytes(Buffer.from(chunk.subarray(LENGTH_BYTES, size)))
    chunk = chunk.subarray(size)
    at += size
  }
}
