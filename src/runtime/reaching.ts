// Servers that cannot be reached: noticed early where waiting is of no use, and told in a sentence.
import type { MongoClient } from 'mongodb'

const hopeless = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Fails as soon as no server of a client can be there: nothing listens, or its name is not known. */
export function hopelessness(client: MongoClient): Promise<never> {
  const failed = new Set<string>()
  return new Promise((_, reject) => {
    client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
      if (!hopeless.has(String((failure.cause as { code?: unknown } | undefined)?.code))) return
      failed.add(connectionId)
      const { hosts } = client.options
      if (hosts.length > 0 && failed.size >= hosts.length) reject(failure)
    })
  })
}

/** Says why a server was not reached, without the password of its address. */
export function unreachedText(error: unknown, uri: string): string {
  const { code, message } = error as Failed
  if (code === 18 || code === 8000) return 'the server refused the user name or password'
  const password = /^mongodb(?:\+srv)?:\/\/[^\s:@]*:(\S*)@/.exec(uri)?.[1]
  const text = String(message ?? error)
  const said = silent.test(text) ? silenceText(error as Failed, uri) : systemText(text)
  return password ? said.replaceAll(password, '***') : said
}

interface Failed {
  readonly code?: unknown
  readonly message?: unknown
  readonly reason?: { readonly servers?: ReadonlyMap<string, unknown> }
}

// What the driver says of servers that do not answer names neither them nor how long it waited.
const silent = /^Server selection timed out|^connection <monitor> to \S+ closed$/

function silenceText({ message, reason }: Failed, uri: string): string {
  const servers = [...(reason?.servers?.keys() ?? [])].join(', ') || 'the server'
  const [, time] = /after (\d+) ms/.exec(String(message)) ?? []
  const set = /[?&]replicaSet=([^&]+)/i.exec(uri)?.[1]
  const as = [
    ...(set === undefined ? [] : [`as a member of the replica set "${set}"`]),
    ...(/[?&](tls|ssl)=true/i.test(uri) || uri.startsWith('mongodb+srv:') ? ['over TLS'] : []),
  ]
  return [servers, 'did not answer', ...as, ...(time ? [`within ${time} ms`] : ['in time'])].join(' ')
}

function systemText(message: string): string {
  const [, refused] = /^connect ECONNREFUSED (\S+)$/.exec(message) ?? []
  if (refused !== undefined) return `nothing listens at ${refused} (ECONNREFUSED)`
  const [, host] = /^(?:getaddrinfo|querySrv|queryTxt) ENOTFOUND (?:_mongodb\._tcp\.)?(\S+)$/.exec(message) ?? []
  return host === undefined ? message : `no host is known by the name ${host} (ENOTFOUND)`
}
