// Keeps which commands are running, and counts those that ran and the bytes that came and went.
import type { Request } from './request.ts'

export interface Running {
  readonly id: number
  readonly request: Request
  readonly peer: string
  readonly connection: number
  readonly startedAt: number
  isKilled: boolean
}

type Counted = 'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command'

const COUNTED: ReadonlyMap<string, readonly [counted: Counted, list?: string]> = new Map([
  ['insert', ['insert', 'documents']],
  ['update', ['update', 'updates']],
  ['delete', ['delete', 'deletes']],
  ['find', ['query']],
  ['getMore', ['getmore']],
])

export class Activity {
  readonly counters: Record<Counted, number> = { insert: 0, query: 0, update: 0, delete: 0, getmore: 0, command: 0 }
  readonly network = { bytesIn: 0, bytesOut: 0, numRequests: 0 }
  readonly #running = new Map<number, Running>()
  #lastId = 0

  get running(): Iterable<Running> {
    return this.#running.values()
  }

  begin(request: Request, client: { readonly id: number; readonly peer: string }): Running {
    const id = ++this.#lastId
    const startedAt = Date.now()
    const running = { id, request, peer: client.peer, connection: client.id, startedAt, isKilled: false }
    this.#running.set(id, running)
    const [counted, list] = COUNTED.get(request.name) ?? ['command']
    this.counters[counted] += list === undefined ? 1 : (request.documents.get(list)?.length ?? 0)
    return running
  }

  end({ id }: Running): void {
    this.#running.delete(id)
  }

  /** Marks a command that still waits for its turn to write; it stops there. */
  kill(id: number): void {
    const running = this.#running.get(id)
    if (running) running.isKilled = true
  }
}
