// Audit: an entry for each change, written with the change or not at all.
import { ObjectId } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { recordAll } from './audit-batch.ts'
import { append, enqueue } from './audit-chain.ts'
import { changesLogged, type Draft, draftOf, type Occasion, occasionNow, type Recording } from './audit-entry.ts'
import { prepareLog } from './audit-log.ts'
import { hasTransactions } from './connection.ts'
import { currentTransaction } from './context.ts'
import { transaction } from './transaction.ts'

/** Runs a write and records it, when its model is audited: in one transaction where there are some, else journal first. */
export async function recorded<T>(
  definition: ModelDefinition,
  recordings: readonly Recording[],
  write: () => Promise<T>,
): Promise<T> {
  if (!settingsOf(definition).audit) return write()
  return recordedLater(definition, async () => ({ result: await write(), recordings }), { recordings })
}

/** What is known of a change before it is written: all of it, or only which documents it may touch. */
export type Foreknown =
  | { readonly recordings: readonly Recording[] }
  | { readonly ids: readonly unknown[]; readonly operation: Recording['operation'] }

/** A write that tells what it has changed. */
export type Write<T> = () => Promise<{ readonly result: T; readonly recordings: readonly Recording[] }>

/** As recorded, for writes that may know their changes only afterwards. */
export async function recordedLater<T>(definition: ModelDefinition, write: Write<T>, known: Foreknown): Promise<T> {
  // What is taken back in any case has no place in the log.
  if (!settingsOf(definition).audit || currentTransaction()?.isTrial) return (await write()).result
  const alias = definition.connection
  await prepareLog(alias)
  const occasion = occasionNow()
  const inside = async () => {
    const { result, recordings } = await write()
    await put(definition, occasion, recordings)
    return result
  }
  if (currentTransaction()) return inside()
  if (await hasTransactions(alias)) return transaction(inside, { connection: alias })
  return journalFirst(definition, { write, known, occasion })
}

// A single change has its own place in the chain; those of many documents share one.
async function put(
  definition: ModelDefinition,
  occasion: Occasion,
  recordings: readonly Recording[],
  confirms?: unknown,
): Promise<void> {
  const { connection } = definition
  const [only, another] = recordings
  if (!only || another) {
    const chain = `${occasion.op}.${new ObjectId().toHexString()}`
    return recordAll(definition, occasion, { chain, recordings, isAgain: false, confirms })
  }
  const changes = changesLogged(definition)(only)
  const { operation, documentId } = only
  if (operation === 'update' && Object.keys(changes).length === 0 && confirms === undefined) return
  const body = { operation, documentId, changes, ...(confirms === undefined ? {} : { confirms }) }
  const draft = draftOf(definition, occasion, body)
  const open = currentTransaction()
  if (open) enqueue(connection, open, [draft])
  else await append(connection, [draft])
}

interface Journaled<T> {
  readonly write: Write<T>
  readonly known: Foreknown
  readonly occasion: Occasion
}

// Without transactions the intention is stored before the change and confirmed after it: a crash between leaves it open.
async function journalFirst<T>(definition: ModelDefinition, { write, known, occasion }: Journaled<T>): Promise<T> {
  const intention = intentionOf(definition, occasion, known)
  await append(definition.connection, [intention])
  try {
    const { result, recordings } = await write()
    await put(definition, occasion, recordings, intention._id)
    return result
  } catch (error) {
    // What could not be confirmed stays open when the log is out of reach: verify tells of it.
    const { documentId } = intention
    const failed = { operation: 'failed', documentId, changes: {}, confirms: intention._id } as const
    await append(definition.connection, [draftOf(definition, occasion, failed)]).catch(() => undefined)
    throw error
  }
}

function intentionOf(definition: ModelDefinition, occasion: Occasion, known: Foreknown): Draft {
  const operation = 'intended'
  const isWhole = 'recordings' in known
  const ids = isWhole ? known.recordings.map(({ documentId }) => documentId) : known.ids
  const intends = isWhole ? (known.recordings[0]?.operation ?? 'update') : known.operation
  const [only, another] = ids
  if (another !== undefined)
    return draftOf(definition, occasion, { operation, intends, documentId: null, changes: {}, batch: { ids } })
  const changes = isWhole && known.recordings[0] ? changesLogged(definition)(known.recordings[0]) : {}
  return draftOf(definition, occasion, { operation, intends, documentId: only ?? null, changes })
}
