// goose serve: the embedded database for other programs, until a signal ends it.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'

const { folder, goose, start } = useCliProject('serve')

async function served(path: string) {
  const child = start(['serve', '--port', '0', '--path', path])
  const [line] = await once(child.stdout!, 'data')
  return { child, uri: String(line).trim() }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'serves the driver on this machine only, and ends with 0 at %s',
  async signal => {
    const path = join(folder, `served-${signal}`)
    const { child, uri } = await served(path)
    expect(uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\//)
    const client = new MongoClient(uri)
    await client.db('shop').collection('boats').insertOne({ name: 'Argo' })
    expect(await client.db('shop').collection('boats').countDocuments({ name: 'Argo' })).toBe(1)
    await client.close()
    child.kill(signal)
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    expect(existsSync(path)).toBe(true)
  },
)

test('goose itself can ask a served database, and what it writes is kept', async () => {
  const path = join(folder, 'kept')
  const first = await served(path)
  const env = { GOOSE_URI: `${first.uri}` }
  const args = ['--set', 'name=Sappho', '--set', 'email=sappho@example.com']
  expect(goose(['insert', 'Author', ...args], { env }).status).toBe(0)
  first.child.kill('SIGINT')
  await once(first.child, 'exit')
  const { stdout } = goose(['find', 'Author'], { env: { GOOSE_URI: `embedded:${path}` } })
  expect(JSON.parse(stdout)).toMatchObject({ name: 'Sappho' })
})

test('a port that is taken is said so', async () => {
  const { child, uri } = await served(join(folder, 'taken'))
  const port = new URL(uri).port
  const refused = goose(['serve', '--port', port, '--path', join(folder, 'other')])
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain('the port is taken by another program')
  child.kill('SIGINT')
  await once(child, 'exit')
})
