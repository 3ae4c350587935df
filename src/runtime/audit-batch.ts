// Audit of many documents at once: an entry for each, and one in the chain that carries their digest.
import { createHash } from 'node:crypto'
import { BSON, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { bundlesOf, halvesOf, isBundle, unbundled, weightOf } from './audit-bundle.ts'
import { append, enqueue } from './audit-chain.ts'
import { changesLogged, draftOf, type EntryBody, type Occasion, occasionNow, type Recording } from './audit-entry.ts'
import { logOf, prepareLog } from './audit-log.ts'
import { currentTransaction } from './context.ts'

/** One batch of a long operation. */
export interface AuditBatch {
  readonly operation: Recording['operation']
  /** The place of the batch in its operation: a batch that is recorded again is completed, not doubled. */
  readonly number: number
  /** The operation; that of the context otherwise. */
  readonly op?: string
  /** The changed documents; the top-level fields that may have changed are enough. */
  readonly recordings: readonly Omit<Recording, 'operation'>[]
  /** Whether it was surely not recorded before: its checkpoint is kept in the same transaction. */
  readonly isNew?: boolean
}

/** Makes the log ready before a run begins. Throws when it is not to be had: then nothing may be changed. */
export async function prepareAudit(definition: ModelDefinition): Promise<void> {
  if (settingsOf(definition).audit) await prepareLog(definition.connection)
}

/** Records a batch of a long operation; inside a transaction it is part of it. Does nothing without an audit. */
export async function recordBatch(definition: ModelDefinition, batch: AuditBatch): Promise<void> {
  return preparedBatch(definition, batch)()
}

/** Makes what will be recorded of a batch, and gives what records it. */
export function preparedBatch(definition: ModelDefinition, batch: AuditBatch): () => Promise<void> {
  if (!settingsOf(definition).audit) return async () => {}
  const occasion = { ...occasionNow(), ...(batch.op === undefined ? {} : { op: batch.op }) }
  const { operation, recordings, isNew = false } = batch
  const together = {
    chain: `${occasion.op}.${batch.number}`,
    recordings: recordings.map(recording => ({ operation, ...recording })),
    isAgain: !isNew,
  }
  const parts = isNew ? partsOf(definition, occasion, together, []) : undefined
  return async () => {
    await prepareLog(definition.connection)
    await recordAll(definition, occasion, { ...together, ...(parts ? { parts } : {}) })
  }
}

/** Documents to record together under a name. */
export interface Together {
  /** The name of the batch: the chain of its entries, and the id of the entry that carries their digest. */
  readonly chain: string
  readonly recordings: readonly Recording[]
  /** Whether a part of it may be there already. */
  readonly isAgain: boolean
  readonly confirms?: unknown
  /** What is stored of them, where it is made already. */
  readonly parts?: readonly Part[]
}

/** Records documents as a batch. */
export async function recordAll(definition: ModelDefinition, occasion: Occasion, together: Together): Promise<void> {
  const { connection } = definition
  const there = together.isAgain ? await inTurn(session => storedOf(connection, together.chain, session)) : []
  if (there === 'whole') return
  const fresh = together.parts ?? partsOf(definition, occasion, together, there)
  if (there.length + fresh.length === 0 && together.confirms === undefined) return
  if (fresh.length > 0)
    await inTurn(async session =>
      (await logOf(connection)).insertMany(
        fresh.map(({ part }) => part),
        { ordered: false, ...session },
      ),
    )
  const bytes = [...there, ...fresh.map(part => part.bytes)]
  const batch = { chain: together.chain, count: bytes.length, digest: digestOf(bytes) }
  const { confirms } = together
  const carrier = { _id: together.chain, operation: 'batch', documentId: null, changes: {}, batch } as const
  const draft = draftOf(definition, occasion, { ...carrier, ...(confirms === undefined ? {} : { confirms }) })
  const open = currentTransaction()
  if (open) enqueue(connection, open, [draft])
  else await append(connection, [draft])
}

async function storedOf(alias: string, chain: string, session: object): Promise<readonly Uint8Array[] | 'whole'> {
  const log = await logOf(alias)
  if (await log.findOne({ _id: chain as never }, { projection: { _id: 1 }, ...session })) return 'whole'
  const found = await log
    .find({ chain }, { raw: true, ...session })
    .sort({ seq: 1 })
    .toArray()
  // A batch of the driver shares its memory.
  return found.map(bytes => Buffer.from(bytes as unknown as Uint8Array))
}

/** A document of the log, and what is stored of it. */
interface Part {
  readonly part: Document
  readonly bytes: Uint8Array
}

function partsOf(
  definition: ModelDefinition,
  occasion: Occasion,
  { chain, recordings }: Together,
  there: readonly Uint8Array[],
): readonly Part[] {
  const known = new Set(
    there.flatMap(bytes => unbundled(BSON.deserialize(bytes)).map(({ documentId }) => keyOf(documentId))),
  )
  const changesOf = changesLogged(definition)
  const bodies: EntryBody[] = recordings
    .filter(({ documentId }) => known.size === 0 || !known.has(keyOf(documentId)))
    .map(recording => ({
      operation: recording.operation,
      documentId: recording.documentId,
      changes: changesOf(recording),
    }))
    .filter(({ operation, changes }) => operation !== 'update' || Object.keys(changes).length > 0)
  const parts: Part[] = []
  for (const part of bundlesOf(definition, occasion, bodies)) addPart(parts, { ...part, chain }, there.length)
  return parts
}

// Well below what a document may hold.
const MOST_BYTES = 8 * 1024 * 1024

function addPart(parts: Part[], document: Document, before: number): void {
  if (isBundle(document) && document.documentId.length > 1 && weightOf(document) > MOST_BYTES) {
    for (const half of halvesOf(document)) addPart(parts, half, before)
    return
  }
  const part = { ...document, seq: before + parts.length + 1 }
  parts.push({ part, bytes: BSON.serialize(part, { ignoreUndefined: true }) })
}

function keyOf(id: unknown): string {
  return BSON.EJSON.stringify({ id }, { relaxed: false })
}

// Of the stored bytes, in the order of their places.
function digestOf(entries: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const bytes of entries) hash.update(bytes)
  return hash.digest('hex')
}

// A session takes one command at a time; calls inside a transaction that run side by side wait for each other.
async function inTurn<T>(send: (session: object) => Promise<T>): Promise<T> {
  const open = currentTransaction()
  if (!open) return send({})
  const mine = open.turn.then(() => send({ session: open.session }))
  open.turn = mine.catch(() => undefined)
  return mine
}
