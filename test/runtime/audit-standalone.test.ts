// Audit on a server without transactions: the intention first, then the change, then what became of it.
import { type AuditEntry, audit, connect, connection, disconnect, model, softDelete, version, z } from 'goose-odm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'
import { settleOpen } from '../../src/operations/audit-open.ts'
import { type AuditFault, verifyChains } from '../../src/operations/audit-verify.ts'
import { programOf, runBeside } from '../support/other-process.ts'

class Deed extends model(
  'AloneDeed',
  { name: z.string(), count: z.number().default(0) },
  { plugins: [audit(), softDelete(), version()] },
) {}

let server: Embedded
let program: string
beforeAll(async () => {
  server = await startEmbedded({ durable: false, standalone: true })
  program = await programOf(
    'audit-standalone',
    `import { audit, connect, model, softDelete, version, z } from '${new URL('../../src/index.ts', import.meta.url).pathname}'
class Deed extends model('AloneDeed', { name: z.string(), count: z.number().default(0) },
  { plugins: [audit(), softDelete(), version()] }) {}
const [moment, how] = given
const { client } = await connect(path, { database: 'alone', driver: { monitorCommands: true } })
client.on('commandStarted', ({ commandName, command }) => {
  const isChange = command[commandName] === 'alonedeeds' && ['insert', 'update', 'findAndModify'].includes(commandName)
  if (moment === 'before' && isChange) process.kill(process.pid, 'SIGKILL')
  if (moment === 'after' && command.insert === '_audit_log' && isChanged) process.kill(process.pid, 'SIGKILL')
  isChanged ||= isChange
})
let isChanged = false
if (how === 'save') { const deed = await Deed.findOne({ name: 'first' }); deed!.count = 7; await deed!.save() }
if (how === 'update') await (await Deed.findOne({ name: 'first' }))!.update({ $inc: { count: 7 } })
if (how === 'updateMany') await Deed.updateMany({}, { $inc: { count: 7 } }, { all: true })
if (how === 'create') await Deed.create({ name: 'second' })
`,
  )
})
beforeEach(async () => {
  await disconnect()
  await connect(server.uri, { database: 'alone' })
  await connection().db.dropDatabase()
  await disconnect()
  await connect(server.uri, { database: 'alone' })
})
afterAll(async () => {
  await disconnect()
  await server.close()
})

// Of operators and of many documents the intention holds no values to come, so only a person can tell.
const outcome = (how: string, moment: string) =>
  how.startsWith('update') ? /it cannot be told/ : moment === 'after' ? /it has happened$/ : /it has not happened$/

const log = async () =>
  (await connection()
    .db.collection('_audit_log')
    .find()
    .sort({ chain: 1, seq: 1 })
    .toArray()) as unknown as AuditEntry[]

async function faults(): Promise<readonly AuditFault[]> {
  const found: AuditFault[] = []
  await verifyChains(connection().db, fault => found.push(fault))
  return found
}

describe('a server without transactions', () => {
  test('keeps the intention, and after the change what became of it', async () => {
    const deed = await Deed.create({ name: 'first' })
    const [intended, done] = await log()
    expect(intended).toMatchObject({ operation: 'intended', intends: 'insert', changes: { name: { to: 'first' } } })
    expect(done).toMatchObject({ operation: 'insert', changes: { name: { to: 'first' } } })
    expect(String(done?.confirms)).toBe(String(intended?._id))
    deed.count = 1
    await deed.save()
    await deed.update({ $inc: { count: 1 } })
    await deed.delete()
    await deed.restore()
    await deed.hardDelete()
    expect((await deed.history()).map(entry => entry.operation)).toEqual([
      'insert',
      'update',
      'update',
      'delete',
      'restore',
      'delete',
    ])
    expect(await log()).toHaveLength(12)
    expect(await faults()).toEqual([])
  })

  test('takes many documents together: one intention, one digest', async () => {
    await Deed.insertMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    await Deed.updateMany({ name: { $in: ['a', 'b'] } }, { $inc: { count: 1 } })
    await Deed.updateMany({ name: 'nobody' }, { $inc: { count: 1 } })
    await Deed.deleteMany({ count: 1 })
    const operations = (await log()).map(entry => entry.operation).sort()
    expect(operations.filter(operation => operation === 'intended')).toHaveLength(3)
    expect(operations.filter(operation => operation === 'batch')).toHaveLength(3)
    expect(await faults()).toEqual([])
  })

  test('that refuses the change keeps that it failed', async () => {
    const deed = await Deed.create({ name: 'first' })
    await (await Deed.collection()).deleteMany({})
    deed.name = 'second'
    await expect(deed.save()).rejects.toThrow('changed or deleted by somebody else')
    expect((await log()).map(entry => entry.operation)).toEqual(['intended', 'insert', 'intended', 'failed'])
    expect(await faults()).toEqual([])
  })

  test('whose log takes no entry keeps the change from happening', async () => {
    const deed = await Deed.create({ name: 'first' })
    const { db } = connection()
    await db.command({ collMod: '_audit_log', validator: { never: { $exists: true } } })
    deed.count = 9
    await expect(deed.save()).rejects.toThrow()
    await expect(Deed.updateMany({ name: 'first' }, { $inc: { count: 9 } })).rejects.toThrow()
    await expect(Deed.create({ name: 'second' })).rejects.toThrow()
    await expect(deed.delete()).rejects.toThrow()
    expect(await Deed.find().lean().all()).toMatchObject([{ name: 'first', count: 0, deletedAt: null }])
  })

  test.each(['save', 'update', 'updateMany', 'create'])(
    'leaves an open intention when the process is killed in %s, before the change or after it',
    async how => {
      for (const moment of ['before', 'after']) {
        await connection().db.collection('alonedeeds').deleteMany({})
        await Deed.create({ name: 'first' })
        await Deed.create({ name: 'other' })
        await runBeside(program, [server.uri, moment, how]).ended
        const [fault, ...more] = (await faults()).filter(({ fault: kind }) => kind === 'open')
        expect(more).toEqual([])
        expect(fault?.detail).toBe('nobody has confirmed that this change happened')
        const first = (await Deed.find({ name: 'first' }).lean().first()) as { count: number } | null
        expect(how === 'create' ? (await Deed.count()) - 2 : (first?.count ?? 0) / 7).toBe(moment === 'after' ? 1 : 0)
        const [settled] = await settleOpen(connection().db, [fault!], 'write')
        expect(settled).toMatchObject({ isSettled: true, detail: expect.stringMatching(outcome(how, moment)) })
        expect((await faults()).filter(({ fault: kind }) => kind === 'open')).toEqual([])
        await connection().db.collection('_audit_log').deleteMany({})
      }
    },
  )
})
