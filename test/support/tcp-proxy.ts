// Stands between goose and its database, and loses the connection when a test says so.
import { createServer, connect as dial, type Socket } from 'node:net'

export interface TcpProxy {
  /** The URI through the proxy. */
  readonly uri: string
  /** Cuts every connection, and refuses new ones until `mend`. */
  cut(): void
  /** Keeps every connection open and lets nothing through any more: packets are lost, nobody says so. */
  freeze(): void
  /** Lets connections through again; frozen ones are cut, as a router that has restarted does. */
  mend(): void
  close(): Promise<void>
}

/** Opens a proxy in front of a server of a `mongodb://host:port` URI. */
export async function openProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: 'open' | 'cut' | 'frozen' = 'open'
  const drop = () => {
    for (const [near, far] of pairs) {
      near.destroy()
      far.destroy()
    }
    pairs.clear()
  }
  const server = createServer(near => {
    if (state === 'cut') return void near.destroy()
    const far = dial(Number(port), hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    const end = () => {
      near.destroy()
      far.destroy()
      pairs.delete(pair)
    }
    for (const socket of pair) socket.on('error', end).on('close', end).setNoDelay()
    near.on('data', bytes => state === 'open' && far.write(bytes))
    far.on('data', bytes => state === 'open' && near.write(bytes))
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const address = server.address() as { readonly port: number }
  return {
    uri: `mongodb://127.0.0.1:${address.port}/?directConnection=true`,
    cut: () => {
      state = 'cut'
      drop()
    },
    freeze: () => {
      state = 'frozen'
    },
    mend: () => {
      if (state === 'frozen') drop()
      state = 'open'
    },
    close: async () => {
      drop()
      await new Promise(closed => server.close(closed))
    },
  }
}
