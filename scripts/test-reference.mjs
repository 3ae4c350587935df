// Runs the test suite against a MongoDB server: GOOSE_TEST_URI, or the reference server beside the checkout.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const uri = process.env.GOOSE_TEST_URI ?? startReferenceServer()
if (!uri) {
  console.error('no MongoDB server to test against: set GOOSE_TEST_URI=mongodb://…')
  process.exit(1)
}
console.error(`testing against ${uri.replace(/\/\/[^@/]*@/, '//***@')}`)
const run = spawnSync('npx', ['vitest', 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, GOOSE_TEST_URI: uri },
})
process.exitCode = run.status ?? 1

/** Starts the server if it is there; it keeps running afterwards, since others may use it too. */
function startReferenceServer() {
  const start = resolve(root, '../shared/reference-server/start')
  if (!existsSync(start)) return undefined
  const { stdout, status } = spawnSync(start, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return status === 0 ? /^MONGODB_URI=(.+)$/m.exec(stdout)?.[1] : undefined
}
