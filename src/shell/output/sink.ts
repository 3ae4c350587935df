// Writes to a stream at the stream's own pace, and says when its reader has gone.

/** A place for text and bytes: `write` settles when the stream wants more. */
export interface Sink {
  write(text: string | Uint8Array): Promise<void>
  /** Waits until whoever reads has taken everything. */
  end?(): Promise<void>
}

/** Wraps a stream of the process. A reader that has gone makes `write` fail with the code EPIPE, a full disk with `FILE_FAILED`. */
export function sinkOf(stream: NodeJS.WritableStream): Sink {
  let failure: Error | undefined
  // oclif listens too, and throws where nobody can catch it.
  stream.removeAllListeners('error')
  stream.on('error', error => {
    failure = error
  })
  return {
    write: text =>
      new Promise<void>((resolve, reject) => {
        if (failure) return reject(failure)
        stream.write(text, error => (error ? reject(error) : resolve()))
      }).catch(explain),
  }
}

async function explain(error: NodeJS.ErrnoException): Promise<never> {
  if (error.code === 'EPIPE') throw error
  const { fileFailed } = await import('../../operations/formats/byte-source.ts')
  throw fileFailed('write', 'to stdout', error)
}

/** Gathers small pieces into larger writes; `flush` writes what is left. */
export function buffered(sink: Sink): Sink & { flush(): Promise<void> } {
  let pieces = ''
  const flush = async () => {
    const text = pieces
    pieces = ''
    if (text !== '') await sink.write(text)
  }
  const write = async (piece: string | Uint8Array) => {
    if (typeof piece !== 'string') {
      await flush()
      return sink.write(piece)
    }
    pieces += piece
    if (pieces.length > 32_768) await flush()
  }
  return { write, flush }
}
