// Transactions of several processes on one database: nothing is lost between them, and a crash leaves all or nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, connection, disconnect, model, z } from 'goose-odm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { programOf, runBeside } from '../support/other-process.ts'

class Account extends model('ProcessAccount', { _id: z.int(), balance: z.int() }) {}
class Transfer extends model('ProcessTransfer', { by: z.string(), n: z.int() }) {}

const folder = mkdtempSync(join(tmpdir(), 'goose-processes-'))
const uri = process.env.GOOSE_TEST_URI ?? `embedded:${join(folder, 'data')}`
const database = `goose_processes_${process.pid}`
let program: string

beforeAll(async () => {
  program = await programOf(
    'transfers',
    `
import { connect, disconnect, model, transaction, z } from './src/index.ts'
class Account extends model('ProcessAccount', { _id: z.int(), balance: z.int() }) {}
class Transfer extends model('ProcessTransfer', { by: z.string(), n: z.int() }) {}
const [database, name, times] = given
await connect(path, { database })
console.log('ready')
await new Promise(go => process.stdin.once('data', go))
for (let n = 1; n <= Number(times); n++) {
  await transaction(async () => {
    const [from, to] = [await Account.get(1), await Account.get(2)]
    from.balance -= 1
    await from.save()
    await new Promise(resolve => setTimeout(resolve, n % 4))
    to.balance += 1
    await to.save()
    await Transfer.create({ by: name, n })
  })
  console.log('moved ' + n)
}
console.log('done')
process.stdin.destroy()
await disconnect()
`,
  )
  await connect(uri, { database })
})
beforeEach(async () => {
  await Transfer.deleteMany({}, { all: true })
  await Account.deleteMany({}, { all: true })
  await Account.insertMany([
    { _id: 1, balance: 1000 },
    { _id: 2, balance: 0 },
  ])
})
afterAll(async () => {
  await connection().db.dropDatabase()
  await disconnect()
  rmSync(folder, { recursive: true, force: true })
}, 150_000) // a server keeps the transaction of a killed client open for a minute

const balances = async () => (await Account.find().sort('_id').all()).map(account => account.balance)

test('two processes with a hundred transfers between the same accounts keep the sum', {
  timeout: 120_000,
}, async () => {
  const both = ['one', 'two'].map(name => runBeside(program, [uri, database, name, '50']))
  await Promise.all(both.map(beside => beside.line('ready')))
  for (const beside of both) beside.write('go\n')
  expect(await Promise.all(both.map(beside => beside.ended))).toEqual([0, 0])
  expect(await balances()).toEqual([900, 100])
  expect(await Transfer.count()).toBe(100)
  expect((await Transfer.distinct('by')).sort()).toEqual(['one', 'two'])
})

test.each([3, 10, 17])(
  'a process that is killed during transfer %i leaves all of it or nothing',
  { timeout: 60_000 },
  async n => {
    const beside = runBeside(program, [uri, database, 'killed', '100000'])
    await beside.line('ready')
    beside.write('go\n')
    await beside.line(`moved ${n}`)
    await new Promise(resolve => setTimeout(resolve, n % 5))
    beside.kill('SIGKILL')
    expect(await beside.ended).toBeNull()
    const done = await Transfer.count()
    expect(done).toBeGreaterThanOrEqual(n)
    expect(await balances()).toEqual([1000 - done, done])
  },
)
