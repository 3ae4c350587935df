// What staged writes would change: every document before and after, found by a replay that is taken back.
import type { ClientSession, Document } from 'mongodb'
import type { ModelDefinition } from '../../models/definition.ts'
import { AUDIT_COLLECTION } from '../../runtime/audit-log.ts'
import { changesBetween } from '../../runtime/changes.ts'
import { isEqualStored } from '../../runtime/codec.ts'
import { maskerOf } from '../../runtime/mask.ts'
import type { Answer, Row } from '../answer.ts'
import { usage } from '../flags.ts'
import type { Desk } from './desk.ts'
import type { StagedWrite } from './sandbox.ts'

/** One document that staged writes change. */
export interface StagedChange {
  readonly line: number
  readonly database: string
  readonly collection: string
  readonly _id: unknown
  /** As it is stored before and after; undefined where it is not there. */
  readonly before: Document | undefined
  readonly after: Document | undefined
}

/** A sandbox is for trying: more documents than this are not held in memory. */
const most = 10_000

/** Answers before and after of staged lines: of all, or of one. */
export async function stagedChanges(desk: Desk, which: string): Promise<Answer> {
  const changes = (await changesOf(desk, which)).filter(change => change.collection !== AUDIT_COLLECTION)
  const columns = ['line', 'model', '_id', 'path', 'from', 'to'].map(path => ({
    path,
    head: path.replace('_', '').toUpperCase(),
  }))
  const rows = changes.flatMap(change => rowsOf(change, desk))
  const documents = new Set(changes.map(change => `${change.collection} ${String(change._id)}`)).size
  const said = `${documents} ${documents === 1 ? 'document' : 'documents'} · nothing written`
  return { kind: 'rows', columns, rows, empty: 'nothing is staged', footer: () => (rows.length > 0 ? [said] : []) }
}

/** Finds what the staged lines change. */
export async function changesOf(desk: Desk, which = ''): Promise<readonly StagedChange[]> {
  const { sandbox } = desk.session
  const number = Number(which)
  if (which !== '' && !sandbox.lines.some(line => line.number === number))
    throw usage(
      `no staged line ${which}`,
      sandbox.lines.length > 0 ? `.diff ${sandbox.lines.at(-1)?.number}` : 'write something first',
    )
  const changes: StagedChange[] = []
  for (const line of sandbox.lines.filter(candidate => which === '' || candidate.number === number))
    await sandbox.inspect(line.number, async (write, send, session) => {
      changes.push(...(await effectOf(line.number, write, { desk, send, session })))
    })
  return changes
}

interface Means {
  readonly desk: Desk
  readonly session: ClientSession
  send(): Promise<Document>
}

async function effectOf(
  line: number,
  write: StagedWrite,
  { desk, send, session }: Means,
): Promise<readonly StagedChange[]> {
  const collection = desk.session.connection.client.db(write.database).collection(write.collection)
  const find = (filter: Document) =>
    collection
      .find(filter, { session, promoteValues: false, promoteLongs: false })
      .limit(most + 1)
      .toArray()
  const before = new Map(
    (await Promise.all(filtersOf(write).map(find))).flat().map(document => [keyOf(document._id), document]),
  )
  const reply = await send()
  const ids: readonly unknown[] = [...[...before.values()].map(document => document._id), ...createdBy(write, reply)]
  if (ids.length > most)
    throw usage(`a staged line changes more than ${most} documents`, 'plan it: goose bulk update … --dry-run')
  const after = new Map((await find({ _id: { $in: ids as never[] } })).map(document => [keyOf(document._id), document]))
  const place = { line, database: write.database, collection: write.collection }
  return ids
    .map(_id => ({ ...place, _id, before: before.get(keyOf(_id)), after: after.get(keyOf(_id)) }))
    .filter(change => !isEqualStored(change.before, change.after))
}

/** Gives the filters of what a write may change. */
function filtersOf({ name, body }: StagedWrite): readonly Document[] {
  if (name === 'findAndModify') return [body.query ?? {}]
  const statements = (body.updates ?? body.deletes ?? []) as readonly Document[]
  return statements.map(statement => statement.q as Document)
}

function createdBy({ name, body }: StagedWrite, reply: Document): readonly unknown[] {
  if (name === 'insert') return (body.documents as readonly Document[]).map(document => document._id)
  if (name === 'findAndModify')
    return reply.lastErrorObject?.upserted === undefined ? [] : [reply.lastErrorObject.upserted]
  return ((reply.upserted ?? []) as readonly Document[]).map(upserted => upserted._id)
}

function keyOf(id: unknown): string {
  return `${(id as { _bsontype?: string } | null)?._bsontype ?? typeof id} ${String(id)}`
}

function rowsOf({ line, collection, _id, before, after }: StagedChange, { models }: Desk): readonly Row[] {
  const loaded = models.find(candidate => candidate.description.collection === collection)
  const shown = { line, model: loaded?.name ?? collection, _id }
  if (!before || !after)
    return [
      {
        ...shown,
        path: before ? '(deleted)' : '(created)',
        from: '',
        to: textOf(loaded?.model.definition, after ?? before),
      },
    ]
  const { paths } = changesBetween(before, after, new Set([...Object.keys(before), ...Object.keys(after)]))
  const mask = loaded ? maskerOf(loaded.model.definition) : (_: string, value: unknown) => value
  return [...paths].map(([path, { from, to }]) => ({ ...shown, path, from: mask(path, from), to: mask(path, to) }))
}

function textOf(definition: ModelDefinition | undefined, document: Document | undefined): Document {
  const mask = definition ? maskerOf(definition) : (_: string, value: unknown) => value
  return Object.fromEntries(
    Object.entries(document ?? {})
      .filter(([name]) => name !== '_id')
      .map(([name, value]) => [name, mask(name, value)]),
  )
}
