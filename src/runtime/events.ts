// Tells listeners of every command: model, shape of the filter, duration, count.

/** One command that was sent. */
export interface QueryEvent {
  readonly model: string
  readonly collection: string
  readonly operation: string
  /** The filter with every value replaced by `?`. */
  readonly filter: unknown
  /** Milliseconds. */
  readonly duration: number
  readonly count: number | undefined
  readonly error: unknown
}

type Listener = (event: QueryEvent) => void

const listeners = new Map<Listener, number>()

/** Calls the listener for every command, or for those slower than `slowQueryMs`; gives a function that ends it.
 *
 * ```ts
 * const stop = onQuery(event => console.warn(event.model, event.duration), { slowQueryMs: 100 })
 * ```
 */
export function onQuery(listener: Listener, options: { readonly slowQueryMs?: number } = {}): () => void {
  listeners.set(listener, options.slowQueryMs ?? 0)
  return () => {
    listeners.delete(listener)
  }
}

/** Tells whether anybody listens: nothing is measured otherwise. */
export function isObserved(): boolean {
  return listeners.size > 0
}

/** Tells the listeners. One that throws breaks nothing: it becomes a warning of the process. */
export function emit(event: Omit<QueryEvent, 'filter'> & { readonly filter: unknown }): void {
  const shaped = { ...event, filter: shapeOf(event.filter) }
  for (const [listener, least] of listeners) {
    if (event.duration < least) continue
    try {
      listener(shaped)
    } catch (error) {
      process.emitWarning(
        `a query listener failed: ${error instanceof Error ? error.message : String(error)}`,
        'GooseWarning',
      )
    }
  }
}

/** Gives a filter with every value replaced by `?`. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(item => isObject(item)) ? value.map(shapeOf) : '?'
  if (!isObject(value)) return '?'
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
