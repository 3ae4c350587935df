// Opens the server to measure against: MONGODB_URI, or goose's embedded database in a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export async function openServer() {
  const uri = process.env.MONGODB_URI
  return uri ? { uri, name: 'MONGODB_URI', close: async () => {} } : openEmbedded()
}

/** Starts the embedded database in another process, as a server is, so that its work does not count as the client's. */
export async function openEmbedded(path) {
  const program = new URL('embedded-server.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, path ? [program, path] : [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [uri] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    uri,
    name: 'embedded',
    /** Anonymous memory of the server in MB; LMDB's mapped pages do not count. */
    anonymousMemory: () =>
      Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    /** Milliseconds of processor time that the server has used. */
    cpuMilliseconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    close: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
