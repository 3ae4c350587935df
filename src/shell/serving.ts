// Runs the embedded database in the foreground until a signal ends it.
import { join, resolve } from 'node:path'
import { serveEmbedded } from '../runtime/connection.ts'
import type { Answer } from './answer.ts'

/** Where to serve, and which data. */
export interface ServeRequest {
  readonly port: number
  readonly path: string | undefined
  readonly root: string
  readonly isQuiet: boolean
}

/** Serves until SIGINT or SIGTERM, then closes the data and answers where it was. */
export async function serve({ port, path, root, isQuiet }: ServeRequest): Promise<Answer> {
  const folder = path === undefined ? join(root, '.goose', 'data') : resolve(path)
  const server = await serveEmbedded({ path: folder, port })
  process.stdout.write(`${server.uri}\n`)
  if (!isQuiet) process.stderr.write(`serving ${folder}; Ctrl-C ends it\n`)
  await signal()
  await server.close()
  return { kind: 'value', data: { uri: server.uri, path: folder }, isText: true, text: '' }
}

function signal(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
