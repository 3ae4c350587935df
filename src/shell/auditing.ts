// The audit at a prompt: who changed what, one change in full, and what a document has become between two moments.
import { ObjectId } from 'mongodb'
import { UnknownModel } from '../errors.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { type AuditQuestion, auditPage, findEntry } from '../operations/audit-reading.ts'
import { AUDIT_COLLECTION } from '../runtime/audit-log.ts'
import { changesBetween } from '../runtime/changes.ts'
import { connection } from '../runtime/connection.ts'
import { type PastState, pastOf } from '../runtime/past.ts'
import type { Answer, Row } from './answer.ts'
import { changeText, pathText } from './auditing-text.ts'
import { timeOfFlag } from './flags.ts'
import { storedId } from './ids.ts'
import { findModel, type LoadedModel } from './models.ts'
import type { Workspace } from './workspace.ts'

/** The flags of audit log. */
export interface LogFlags {
  readonly model?: string | undefined
  readonly id?: string | undefined
  readonly actor?: string | undefined
  readonly op?: string | undefined
  readonly operation?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly field?: string | undefined
  readonly via?: string | undefined
  readonly all?: boolean | undefined
  readonly limit: number
  readonly after?: string | undefined
}

/** Answers a page of the log, newest first. */
export async function auditLog(workspace: Workspace, flags: LogFlags): Promise<Answer> {
  await workspace.connect()
  const question = await questionOf(workspace, flags)
  const page = auditPage(connection().db, question, { limit: flags.limit, after: flags.after })
  const about = [...(flags.model ? [] : ['model']), ...(flags.id ? [] : ['documentId'])]
  const columns = ['at', 'actor', 'op', 'via', ...about, 'change', 'reason', '_id']
  return {
    kind: 'rows',
    columns: columns.map(path => ({ path, head: heads[path] ?? path.toUpperCase() })),
    rows: mapped(page.entries),
    empty: 'the audit has no such entry',
    footer: ({ rows, time }) => {
      const next = page.next()
      const count = `${rows} ${rows === 1 ? 'entry' : 'entries'}${next ? ', more follow' : ''}`
      return rows === 0 ? [] : [[count, time, next && `next: --after ${next}`].filter(Boolean).join(' · ')]
    },
  }
}

const heads: Readonly<Record<string, string>> = { at: 'WHEN', documentId: 'ID', _id: 'ENTRY' }

/** Answers one entry in full. */
export async function auditEntry(workspace: Workspace, id: string): Promise<Answer> {
  await workspace.connect()
  const entry = await findEntry(connection().db, id)
  const { at, operation, model, documentId, op, via, reason, chain, seq } = entry
  const facts = [
    ['when', at.toISOString()],
    ['what', `${operation} ${model} ${documentId === null ? '' : String(documentId)}`.trimEnd()],
    ['actor', actorOf(entry)],
    ['via', `${via}, ${op}`],
    ...(reason === undefined ? [] : [['reason', reason]]),
    ['chain', `${chain} at ${seq}${entry.hash === undefined ? ' (a batch)' : ''}`],
  ]
  const lines = facts.map(([name = '', text]) => `${name.padEnd(6)} ${text}`)
  const changes = Object.entries(entry.changes).map(([path, change]) => pathText(path, change))
  return { kind: 'value', data: entry, text: [...lines, '', ...changes].join('\n').trimEnd() }
}

/** The flags of audit diff. */
export interface DiffFlags {
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Answers what a document has become between two moments, from its first entry to now unless said. */
export async function auditDiff(loaded: LoadedModel, id: string, flags: DiffFlags): Promise<Answer> {
  const [since, until] = [timeGiven(flags.since, 'since'), timeGiven(flags.until, 'until')]
  const between = await statesBetween(loaded, await storedId(loaded, id), { since, until })
  const { earlier, later, count } = between
  const names = new Set([...Object.keys(earlier), ...Object.keys(later)])
  const { paths } = changesBetween(earlier, later, names)
  const rows = [...paths].map(([path, { from, to }]) => ({ path, from, to }))
  const columns = ['path', 'from', 'to'].map(path => ({ path, head: path.toUpperCase() }))
  const footer = `${count} ${count === 1 ? 'change' : 'changes'} of ${loaded.name} ${id}`
  return { kind: 'rows', columns, rows, empty: 'nothing differs', footer: () => [footer] }
}

/** Reads a moment as people write it. */
function timeGiven(text: string | undefined, flag: string): Date | undefined {
  return text === undefined ? undefined : timeOfFlag(text, flag)
}

async function questionOf(workspace: Workspace, flags: LogFlags): Promise<AuditQuestion> {
  const loaded = flags.model === undefined ? undefined : await modelOf(workspace, flags.model)
  const { id, actor, op, operation, via, field } = flags
  return {
    model: loaded?.name ?? flags.model,
    documentId: id === undefined ? undefined : loaded?.model ? await storedId(loaded as LoadedModel, id) : idOf(id),
    actor,
    op,
    operation,
    via,
    field,
    since: timeGiven(flags.since, 'since'),
    until: timeGiven(flags.until, 'until'),
    isWhole: flags.all,
  }
}

// The log may know models that the project no longer has.
async function modelOf(workspace: Workspace, name: string): Promise<LoadedModel | undefined> {
  try {
    return findModel(await workspace.models(), name)
  } catch (error) {
    const log = connection().db.collection(AUDIT_COLLECTION)
    if (!(error instanceof UnknownModel) || !(await log.findOne({ model: name }))) throw error
    return undefined
  }
}

function idOf(text: string): unknown {
  if (/^[0-9a-f]{24}$/i.test(text)) return new ObjectId(text)
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

async function* mapped(entries: AsyncIterable<AuditEntry>): AsyncGenerator<Row> {
  for await (const entry of entries) {
    const { _id, at, op, operation, via, model, documentId, reason, changes, by, chain, seq, hash } = entry
    const told = { at, actor: actorOf(entry), op, via, model, documentId, change: changeText(entry), reason }
    yield { _id, ...told, operation, changes, by, chain, seq, ...(hash === undefined ? {} : { hash }) }
  }
}

function actorOf({ by, via }: AuditEntry): string {
  return by.userId === undefined ? (by.requestId ?? via) : String(by.userId)
}

async function statesBetween(
  { model }: LoadedModel,
  id: unknown,
  { since, until }: { readonly since: Date | undefined; readonly until: Date | undefined },
) {
  let [later, earlier]: [PastState | undefined, PastState | undefined] = [undefined, undefined]
  let count = 0
  for await (const state of pastOf(model.definition, id)) {
    const at = state.entry.at.getTime()
    if (until !== undefined && at > until.getTime()) continue
    later ??= state
    if (since !== undefined && at < since.getTime()) {
      earlier = state
      break
    }
    count++
  }
  return { earlier: earlier?.stored ?? {}, later: later?.stored ?? {}, count }
}
