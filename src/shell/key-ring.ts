// The keys that encrypt fields: a new one, where each is used, and everything encrypted with the newest.
import { GooseError } from '../errors.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { IN_CLEAR, keyUsage } from '../runtime/key-usage.ts'
import { generateKey, keyIds } from '../runtime/keys.ts'
import type { RotationOptions, RotationState } from '../runtime/rotation.ts'
import type { Answer, Row } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { storedId } from './ids.ts'
import { onInterruption } from './interruption.ts'
import type { AnyModel, LoadedModel } from './models.ts'
import { progressOf } from './progress.ts'
import type { Workspace } from './workspace.ts'

/** Answers a new key as GOOSE_KEYS takes it: the only output that ever holds one. */
export function newKey(wanted: string | undefined): Answer {
  const there = keyIds()
  const id = wanted ?? freeId(there)
  if (!/^[\w.-]{1,64}$/.test(id))
    throw usage(`"${id}" is no id for a key`, 'take 1 to 64 letters, digits, dots or dashes')
  if (there.includes(id)) throw usage(`key "${id}" is in GOOSE_KEYS already`, 'choose another with --id')
  const key = generateKey()
  const place = there.length === 0 ? 'set it as GOOSE_KEYS' : `put it before ${there.join(', ')} in GOOSE_KEYS`
  const next = there.length === 0 ? '' : ', then: goose keys rotate'
  return { kind: 'value', data: { id, key }, isText: true, text: `${id}:${key}`, footer: () => [`${place}${next}`] }
}

/** Answers which key has encrypted how many values; all that is not encrypted with the newest is a finding. */
export async function keyStatus(models: readonly LoadedModel[]): Promise<Answer> {
  const ring = keyIds()
  const concerned = models.filter(hasEncrypted)
  const rows: Row[] = []
  for (const { name, model } of concerned) {
    const counts = await keyUsage(model.definition)
    const keys = [...new Set([...ring, ...counts.keys()])]
    rows.push(...keys.map(key => ({ model: name, key, values: counts.get(key) ?? 0, state: stateOf(key, ring) })))
  }
  const due = rows.filter(row => row.values !== 0 && row.state !== 'newest')
  return {
    kind: 'rows',
    columns: ['model', 'key', 'values', 'state'].map(path => ({ path, head: path.toUpperCase() })),
    rows,
    empty: concerned.length === 0 ? 'no model has encrypted fields' : 'there is no key, and nothing is encrypted',
    footer: () => statusFooter(rows, due, ring),
    exit: due.length === 0 ? 0 : 9,
  }
}

/** How a rotation is asked for. */
export interface RotateFlags extends ConsentFlags {
  readonly after?: string | undefined
  readonly batch: number
  readonly quiet?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
}

/** Encrypts everything with the newest key. A signal stops it after a batch; what is done is passed over next time. */
export async function rotateAll(
  models: readonly LoadedModel[],
  workspace: Workspace,
  flags: RotateFlags,
): Promise<Answer> {
  const concerned = models.filter(hasEncrypted)
  const [first, another] = concerned
  if (!first) return { kind: 'rows', columns: [], rows: [], empty: 'no model has encrypted fields' }
  if (flags.after !== undefined && another) throw usage('--after is an _id of one model', 'name the model')
  const newest = newestKey(first)
  if (flags['dry-run']) return keyStatus(concerned)
  const action = `encrypt ${concerned.map(({ name }) => name).join(', ')} with key "${newest}"`
  await requireConsent(workspace, flags, { action, token: newest, isReversible: true })
  return walk(concerned, flags, action)
}

class Stopped extends Error {}

async function walk(models: readonly LoadedModel[], flags: RotateFlags, action: string): Promise<Answer> {
  const interruption = onInterruption()
  if (!flags.quiet) process.stderr.write(`${action}; Ctrl-C stops after a batch\n`)
  const progress = progressOf(flags)
  const rows: Row[] = []
  let next: string | undefined
  try {
    for (const loaded of models) {
      let state: RotationState = { read: 0, changed: 0, after: undefined }
      const onBatch = (now: RotationState) => {
        state = now
        progress.tell(`${loaded.name}  ${now.read} read, ${now.changed} encrypted`)
        if (interruption.isAsked()) throw new Stopped()
      }
      const isDone = await isFinished(rotate(loaded, flags, onBatch))
      rows.push({ model: loaded.name, read: state.read, changed: state.changed, done: isDone })
      if (isDone && !interruption.isAsked()) continue
      if (isDone && loaded === models.at(-1)) break
      next = goOn(loaded, isDone ? undefined : state.after)
      break
    }
  } finally {
    progress.end()
    interruption.leave()
  }
  const columns = ['model', 'read', 'changed', 'done'].map(path => ({ path, head: path.toUpperCase() }))
  const footer = next === undefined ? [] : [`stopped as asked; go on with: ${next}`]
  return { kind: 'rows', columns, rows, footer: () => footer, exit: next === undefined ? 0 : 8 }
}

async function rotate(loaded: LoadedModel, flags: RotateFlags, onBatch: (state: RotationState) => void): Promise<void> {
  const after = flags.after === undefined ? {} : { after: await storedId(loaded, flags.after) }
  const model = loaded.model as AnyModel & { rotateKeys(options: RotationOptions): Promise<RotationState> }
  await model.rotateKeys({ ...after, batchSize: flags.batch, onBatch })
}

async function isFinished(rotation: Promise<void>): Promise<boolean> {
  try {
    await rotation
    return true
  } catch (error) {
    if (error instanceof Stopped) return false
    throw error
  }
}

// Only plain ids can be typed; from the beginning is right as well, since what is done is passed over.
function goOn({ name }: LoadedModel, after: unknown): string {
  const text = String(after ?? '')
  return /^[\w.-]+$/.test(text) ? `goose keys rotate ${name} --after ${text}` : 'goose keys rotate'
}

function newestKey({ name, model }: LoadedModel): string {
  const [newest] = keyIds()
  if (newest !== undefined) return newest
  const [field] = encryptedFields(model.definition)
  throw new GooseError('ENCRYPTION_KEY_MISSING', { model: name, path: field?.path })
}

function hasEncrypted({ model }: LoadedModel): boolean {
  return encryptedFields(model.definition).length > 0
}

function stateOf(key: string, ring: readonly string[]): string {
  if (key === IN_CLEAR) return 'in clear'
  if (key === ring[0]) return 'newest'
  return ring.includes(key) ? 'older' : 'missing'
}

function statusFooter(rows: readonly Row[], due: readonly Row[], ring: readonly string[]): readonly string[] {
  if (rows.length === 0) return []
  const missing = due.filter(row => row.state === 'missing').map(row => String(row.key))
  if (missing.length > 0) return [`GOOSE_KEYS does not hold ${[...new Set(missing)].join(', ')}: put it back`]
  if (due.length === 0) return ['everything is encrypted with the newest key']
  return [
    ring.length === 0 ? 'there is no key: goose keys generate' : 'to encrypt all with the newest: goose keys rotate',
  ]
}

function freeId(there: readonly string[]): string {
  const today = new Date().toISOString().slice(0, 10)
  for (let number = 2, id = today; ; number++) {
    if (!there.includes(id)) return id
    id = `${today}-${number}`
  }
}
