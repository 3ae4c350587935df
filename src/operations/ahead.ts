// Work that is begun before it is waited for, so that the server and this process work side by side.

/** Asks for the next item before this one is used. */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done) return
      next = unheard(items.next())
      await sent()
      yield value
    }
  } finally {
    await next.catch(() => undefined)
    await items.return(undefined).catch(() => undefined)
  }
}

/** Waits until a command that was begun is on its way to the server. */
export function sent(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Lets a promise fail before anybody waits for it: who does so is told. */
export function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
