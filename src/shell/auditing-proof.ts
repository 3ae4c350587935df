// Proves the audit at a prompt: verifies its chains and seals, and seals what is new.
import { existsSync, readFileSync } from 'node:fs'
import { BSON } from 'mongodb'
import { settleOpen } from '../operations/audit-open.ts'
import { type Seal, type SealFault, sealAudit, verifySeals } from '../operations/audit-seal.ts'
import { type AuditFault, verifyChains } from '../operations/audit-verify.ts'
import { connection } from '../runtime/connection.ts'
import { auditContext } from '../runtime/context.ts'
import { actorOf } from './actor.ts'
import { grouped } from './amounts.ts'
import type { Answer, Row } from './answer.ts'
import { usage } from './flags.ts'
import { progressOf } from './progress.ts'
import type { Workspace } from './workspace.ts'

/** The flags of audit verify. */
export interface VerifyFlags {
  readonly seal?: string | undefined
  readonly settle?: boolean | undefined
  readonly quiet?: boolean | undefined
}

// More faults than anybody reads are only counted.
const MOST_FAULTS = 1000

/** Verifies the whole audit; every fault is a row, and faults end with 9. */
export async function verifyAudit(workspace: Workspace, flags: VerifyFlags): Promise<Answer> {
  const kept = keptSeal(flags.seal)
  await workspace.connect()
  const { db } = connection()
  const progress = progressOf(flags)
  const faults: Row[] = []
  const open: AuditFault[] = []
  let count = 0
  const add = (fault: Row) => {
    count++
    if (faults.length < MOST_FAULTS) faults.push(fault)
  }
  const onFault = (fault: AuditFault) =>
    fault.fault === 'open' && open.length < MOST_FAULTS ? open.push(fault) : add({ ...fault })
  const checked = await verifyChains(db, onFault, ({ entries }) => {
    if (entries % 10_000 === 0) progress.tell(`${grouped(entries)} entries verified`)
  })
  progress.end()
  const { seals, last } = await verifySeals(db, fault => add(rowOf(fault)), kept)
  const settled = await auditContext.run(actorOf({}), () => settleOpen(db, open, flags.settle ? 'write' : 'look'))
  for (const fault of settled) if (!fault.isSettled) add({ ...fault.fault, detail: fault.detail })
  const total = `${grouped(checked.entries)} entries in ${plural(checked.chains, 'chain')} and ${plural(checked.batches, 'batch')}, ${plural(seals, 'seal')}`
  const notes = settled.filter(one => one.isSettled).map(one => `settled ${String(one.fault.entry)}: ${one.detail}`)
  const columns = ['fault', 'chain', 'seq', 'entry', 'detail'].map(path => ({ path, head: path.toUpperCase() }))
  return {
    kind: 'rows',
    columns,
    rows: faults,
    footer: () => [
      ...notes,
      count === 0 ? `${total}: whole` : `${total}: ${plural(count, 'fault')}`,
      ...firstBreak(faults),
      ...unsealed(last),
    ],
    exit: count === 0 ? 0 : 9,
  }
}

/** Seals what is new and answers the root to keep elsewhere. */
export async function sealNow(workspace: Workspace): Promise<Answer> {
  await workspace.connect()
  const seals = await sealAudit(connection().db)
  if (seals.length === 0) return { kind: 'value', data: null, text: 'nothing is new since the last seal' }
  const text = seals
    .map(
      ({ _id, root, entries, chains }) =>
        `seal ${_id}  ${root}  ${grouped(entries)} entries in ${plural(chains.length, 'chain')}`,
    )
    .join('\n')
  const data = seals.length === 1 ? seals[0] : seals
  const root = seals.at(-1)?.root
  return {
    kind: 'value',
    data,
    text,
    footer: () => [`keep the root elsewhere; check with: goose audit verify --seal ${root}`],
  }
}

function keptSeal(given: string | undefined): Partial<Seal> | undefined {
  if (given === undefined) return undefined
  if (/^[0-9a-f]{64}$/i.test(given)) return { root: given.toLowerCase() }
  const hint = 'give the root that `goose audit seal` has printed, or a file with what it has printed'
  if (!existsSync(given)) throw usage(`"${given}" is neither the root of a seal nor a file`, hint)
  const text = readFileSync(given, 'utf8').trim()
  const root = /\b[0-9a-f]{64}\b/i.exec(text)?.[0]
  if (!root) throw usage(`${given} holds no root of a seal`, hint)
  return text.startsWith('{') ? sealIn(text, root) : { root: root.toLowerCase() }
}

function sealIn(text: string, root: string): Partial<Seal> {
  try {
    const { data, ...whole } = BSON.EJSON.parse(text)
    const seal = [data ?? whole].flat().at(-1) as Seal
    const isWhole = Array.isArray(seal.chains) && typeof seal.root === 'string'
    return isWhole ? { ...seal, at: new Date(seal.at) } : { root: seal.root ?? root }
  } catch {
    return { root }
  }
}

function rowOf({ seal, chain, seq, detail }: SealFault): Row {
  return { fault: 'seal', chain, seq, entry: seal, detail: seal === undefined ? detail : `seal ${seal}: ${detail}` }
}

function firstBreak(faults: readonly Row[]): readonly string[] {
  const first = faults.find(({ fault }) => fault !== 'open')
  if (!first) return []
  const where = [first.chain && `chain ${String(first.chain)}`, first.seq && `at ${String(first.seq)}`].filter(Boolean)
  return [`the first broken link: ${[...where, `${String(first.fault)}: ${String(first.detail)}`].join(' ')}`]
}

function unsealed(last: Seal | undefined): readonly string[] {
  return last
    ? [`sealed last ${last.at.toISOString()} with root ${last.root}`]
    : ['nothing is sealed: goose audit seal']
}

function plural(count: number, word: string): string {
  const many = word.endsWith('h') ? `${word}es` : `${word}s`
  return `${grouped(count)} ${count === 1 ? word : many}`
}
