// Writes to a stream at the stream's own pace, and says when its reader has gone.

/** A place for text: `write` settles when the stream wants more. */
export interface Sink {
  write(text: string): Promise<void>
  /** Waits until whoever reads has taken everything. */
  end?(): Promise<void>
}

/** Wraps a stream of the process. A reader that has gone makes `write` fail with the code EPIPE. */
export function sinkOf(stream: NodeJS.WritableStream): Sink {
  let failure: Error | undefined
  stream.on('error', error => {
    failure = error
  })
  return {
    write: text =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure)
        stream.write(text, error => (error ? reject(error) : resolve()))
      }),
  }
}

/** Gathers small pieces into larger writes; `flush` writes what is left. */
export function buffered(sink: Sink): Sink & { flush(): Promise<void> } {
  let pieces = ''
  const flush = async () => {
    const text = pieces
    pieces = ''
    if (text !== '') await sink.write(text)
  }
  const write = async (text: string) => {
    pieces += text
    if (pieces.length > 32_768) await flush()
  }
  return { write, flush }
}
