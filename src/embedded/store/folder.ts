// Opens a data folder: refuses what it cannot use, with the reason, before anything is written.
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../errors.ts'
import { damageOf } from './data-file.ts'
import { waitForUsers } from './folder-users.ts'
import { openStore, type Store, type StoreOptions } from './store.ts'

const FORMAT_KEY = Buffer.from('f')
/** Raised whenever an older version of this program would misread what a newer one has written. */
const FORMAT = 1
const DATA_FILE = 'data.mdb'

export async function openFolder(options: StoreOptions): Promise<Store> {
  prepare(options.path)
  const damage = damageOf(join(options.path, DATA_FILE))
  if (damage !== undefined) throw refusal(options.path, `its data file is damaged or no data file of goose: ${damage}`)
  if (!options.isPrivate) await waitForOthers(options.path)
  const store = open(options)
  try {
    await checkFormat(store, options.path)
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

function prepare(path: string): void {
  if (existsSync(path) && !statSync(path).isDirectory()) throw refusal(path, 'it is a file, not a folder')
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK)
    const file = join(path, DATA_FILE)
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw refusal(path, `it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`, error)
  }
}

async function waitForOthers(path: string): Promise<void> {
  const silent = await waitForUsers(path)
  if (silent !== undefined) throw refusal(path, `process ${silent} has it open and does not answer`)
}

function open(options: StoreOptions): Store {
  try {
    return openStore(options)
  } catch (error) {
    throw refusal(options.path, reasonOf(error as Error), error)
  }
}

function reasonOf({ message }: Error): string {
  if (/MDB_INVALID|MDB_CORRUPTED|MDB_PAGE/.test(message)) return 'its data file is damaged or no data file of goose'
  if (/MDB_VERSION_MISMATCH/.test(message)) return 'its data file has another version of LMDB’s format'
  if (/No space|ENOSPC/.test(message)) return 'the disk is full'
  return message
}

/** A folder is marked with its format by whoever writes to it first. */
async function checkFormat(store: Store, path: string): Promise<void> {
  const found = store.data.meta.get(FORMAT_KEY)?.readUInt32BE()
  if (found === FORMAT) return
  if (found !== undefined)
    throw refusal(path, `its format is ${found}, and this version of goose knows format ${FORMAT} only`)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(FORMAT)
  await store.write(data => {
    if (data.meta.get(FORMAT_KEY) === undefined) data.meta.put(FORMAT_KEY, bytes)
  })
}

function refusal(path: string, reason: string, cause?: unknown): CommandError {
  return new CommandError('UnsupportedFormat', `the data folder ${path} cannot be opened: ${reason}`, { cause })
}
