// Says with what options the server was started; it has no command line of its own.
import { document } from '../bson/literal.ts'
import type { Command, Room } from '../operation/room.ts'
import { SET_NAME } from './hello.ts'

export const getCmdLineOpts: Command = {
  help: 'says with what options the server was started',
  adminOnly: true,
  run: ({ room }) =>
    document({
      argv: [],
      parsed: {
        net: netOf(room),
        ...(room.standalone ? {} : { replication: { replSet: SET_NAME } }),
        storage: { dbPath: room.store.path, engine: 'lmdb' },
      },
    }),
}

function netOf({ address }: Room): object {
  if (address.startsWith('/')) return { unixDomainSocket: { enabled: true, pathPrefix: address } }
  const [host, port] = address.split(':')
  return { bindIp: host, port: Number(port) }
}
