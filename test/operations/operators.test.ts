// Two who do the same, each in a process of its own: one does it, the other waits or is told, and nothing is done twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apply, connect, connection, disconnect, model, z } from 'goose-odm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { programOf, runBeside } from '../support/other-process.ts'

class Ticket extends model('TwoTicket', { _id: z.int(), n: z.int() }) {}

const SIZE = 300
const folder = mkdtempSync(join(tmpdir(), 'goose-operators-'))
const uri = process.env.GOOSE_TEST_URI ?? `embedded:${join(folder, 'data')}`
const database = `goose_operators_${process.pid}`
let program: string

beforeAll(async () => {
  program = await programOf(
    'operators',
    `
import { apply, connect, disconnect, model, undo, z } from './src/index.ts'
class Ticket extends model('TwoTicket', { _id: z.int(), n: z.int() }) {}
const [database, what, id, onLocked] = given
await connect(path, { database })
console.log('ready')
await new Promise(go => process.stdin.once('data', go))
try {
  const done = what === 'apply' ? await apply(id, { onLocked }) : await undo(id, { onLocked })
  console.log('ended ' + JSON.stringify(done.counters))
} catch (error) {
  console.log('ended ' + error.code)
}
await disconnect()
process.exit()
`,
  )
  await connect(uri, { database })
})
beforeEach(async () => {
  for (const name of ['twotickets', '_goose_runs', '_goose_undo', '_goose_plans', '_goose_locks'])
    await connection().db.collection(name).deleteMany({})
  await (await Ticket.collection()).insertMany(Array.from({ length: SIZE }, (_, n) => ({ _id: n, n })) as never)
})
afterAll(async () => {
  await connection().db.dropDatabase()
  await disconnect()
  rmSync(folder, { recursive: true, force: true })
})

/** Lets two begin at the same moment, and gives what each has to say in the end. */
async function both(what: string, id: string, onLocked: string): Promise<readonly string[]> {
  const two = [1, 2].map(() => runBeside(program, [uri, database, what, id, onLocked]))
  await Promise.all(two.map(one => one.line('ready')))
  for (const one of two) one.write('go\n')
  const said = await Promise.all(two.map(one => one.line('ended')))
  await Promise.all(two.map(one => one.ended))
  return said.map(line => line.slice('ended '.length)).sort()
}
const values = async () => (await Ticket.find().sort('_id').lean().all()).map(({ n }) => n)
const before = Array.from({ length: SIZE }, (_, n) => n)

test.each(['fail', 'wait'])(
  'two who apply the same plan change it once (%s)',
  async onLocked => {
    const plan = await Ticket.find({ n: { $gte: 0 } }).plan({ $inc: { n: 1000 } }, { batch: 20 })
    const [refused, done] = await both('apply', plan.id, onLocked)
    expect([refused, done].sort()).toContain(JSON.stringify({ matched: SIZE, changed: SIZE }))
    expect([refused, done].some(said => ['JOB_LOCKED', 'PLAN_DRIFTED'].includes(said!))).toBe(true)
    expect(await values()).toEqual(before.map(n => n + 1000))
  },
  60_000,
)

test('two who take the same run back do so once; who waits finds everything as it was', async () => {
  const done = await apply(await Ticket.find({ n: { $gte: 0 } }).plan({ $inc: { n: 1000 } }, { batch: 20 }))
  expect(await both('undo', done.run, 'wait')).toEqual(Array(2).fill(JSON.stringify({ matched: SIZE, restored: SIZE })))
  expect(await values()).toEqual(before)
  expect(await both('undo', done.run, 'fail')).toContain(JSON.stringify({ matched: SIZE, restored: SIZE }))
  expect(await values()).toEqual(before)
}, 60_000)
