// Notes which processes have a data folder open, and waits for one that does not answer.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { encodeDocument } from '../bson/encode.ts'
import { document } from '../bson/literal.ts'
import { OP_MSG } from '../wire/message.ts'

const FOLDER = 'users'
const ANSWER_MILLISECONDS = 500
const WAIT_MILLISECONDS = 60_000
const BETWEEN_MILLISECONDS = 100

/** Writes down that this process has the folder open; gives what takes the note away. */
export function registerUser(path: string, address: string): () => void {
  const folder = join(path, FOLDER)
  mkdirSync(folder, { recursive: true })
  const note = join(folder, `${process.pid}-${Date.now().toString(36)}`)
  writeFileSync(note, address, { mode: 0o600 })
  const remove = () => rmSync(note, { force: true })
  process.once('exit', remove)
  return () => {
    process.off('exit', remove)
    remove()
  }
}

/** Waits until every process that has the folder open answers; gives the one that never did, if any.
 * One that does not answer may hold the lock of writes, and opening the folder would then block this process. */
export async function waitForUsers(path: string): Promise<number | undefined> {
  const until = Date.now() + WAIT_MILLISECONDS
  let hasWarned = false
  for (;;) {
    const silent = await silentUser(path)
    if (silent === undefined || Date.now() > until) return silent
    if (!hasWarned)
      process.emitWarning(`waiting for process ${silent}, which has the data folder ${path} open and does not answer`)
    hasWarned = true
    await pause(BETWEEN_MILLISECONDS)
  }
}

async function silentUser(path: string): Promise<number | undefined> {
  for (const name of notesIn(join(path, FOLDER))) {
    const note = join(path, FOLDER, name)
    const pid = Number.parseInt(name, 10)
    const answer = isAlive(pid) ? await askAt(addressIn(note)) : 'gone'
    if (answer === 'gone') rmSync(note, { force: true })
    if (answer === 'silent') return pid
  }
  return undefined
}

function notesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function addressIn(note: string): string {
  try {
    return readFileSync(note, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Any bytes are an answer: a process that holds the lock in the middle of its work gives none. */
function askAt(address: string): Promise<'answers' | 'silent' | 'gone'> {
  const [host, port] = address.startsWith('/') ? [] : address.split(':')
  return new Promise(resolve => {
    if (address === '') return resolve('gone')
    const socket = host === undefined ? connect(address) : connect(Number(port), host)
    const end = (answer: 'answers' | 'silent' | 'gone') => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(ANSWER_MILLISECONDS, () => end('silent'))
    socket.once('error', () => end('gone'))
    socket.once('data', () => end('answers'))
    socket.once('connect', () => socket.write(PING))
  })
}

const PING = pingMessage()

function pingMessage(): Buffer {
  const body = encodeDocument(document({ ping: 1, $db: 'admin' }))
  const header = Buffer.alloc(21)
  header.writeInt32LE(header.length + body.length, 0)
  header.writeInt32LE(1, 4)
  header.writeInt32LE(OP_MSG, 12)
  return Buffer.concat([header, body])
}
