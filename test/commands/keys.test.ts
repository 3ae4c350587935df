// Keys of encrypted fields on the command line: made, counted, changed, and never shown but where they are made.
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { patience, rounds } from '../support/effort.ts'

const project = useCliProject('keys')
const { goose } = project
const key = (letter: string) => Buffer.alloc(32, letter).toString('base64')
const [old, young] = [`old:${key('o')}`, `young:${key('y')}`]
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
const readers = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => JSON.stringify({ name: `Reader ${from + at}`, city: 'Oslo' })).join('\n')
const insert = (from: number, count: number, keys: string) =>
  goose(['insert', 'Reader', '--data', '-'], { input: readers(from, count), env: { GOOSE_KEYS: keys } })

test('a new key is printed as GOOSE_KEYS takes it, and encrypts', () => {
  const made = goose(['keys', 'generate', '--id', 'mine'])
  expect(made.stdout).toMatch(/^mine:[A-Za-z0-9+/]{43}=\n$/)
  expect(made.stderr).toBe('set it as GOOSE_KEYS\n')
  expect(goose(['keys', 'generate'], { env: { GOOSE_KEYS: old } }).stderr).toBe(
    'put it before old in GOOSE_KEYS, then: goose keys rotate\n',
  )
  expect(JSON.parse(goose(['keys', 'generate', '--json']).stdout).data).toEqual({
    id: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    key: expect.stringMatching(/^.{44}$/),
  })
  expect(goose(['keys', 'generate', '--id', 'old'], { env: { GOOSE_KEYS: old } }).status).toBe(2)
  expect(goose(['keys', 'generate', '--id', 'a b'])).toMatchObject({ status: 2, stdout: '' })
})

test('status counts values by key, and a rotation leaves one key only', () => {
  expect(goose(['keys', 'rotate'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('ENCRYPTION_KEY_MISSING'),
  })
  expect(insert(0, 3, old).status).toBe(0)
  expect(insert(3, 2, `${young},${old}`).status).toBe(0)
  const env = { GOOSE_KEYS: `${young},${old}` }
  const before = goose(['keys', 'status'], { env })
  expect(lines(before.stdout)).toEqual([
    { model: 'Reader', key: 'young', values: 2, state: 'newest' },
    { model: 'Reader', key: 'old', values: 3, state: 'older' },
  ])
  expect(before).toMatchObject({ status: 9, stderr: 'to encrypt all with the newest: goose keys rotate\n' })

  expect(goose(['keys', 'status', 'Reader'], { env: { GOOSE_KEYS: young } })).toMatchObject({
    status: 9,
    stderr: 'GOOSE_KEYS does not hold old: put it back\n',
  })
  expect(lines(goose(['keys', 'rotate', '--dry-run'], { env }).stdout)).toEqual(lines(before.stdout))
  expect(goose(['keys', 'rotate', '-c', 'guarded'], { env }).status).toBe(4)
  const rotated = goose(['keys', 'rotate'], { env })
  expect(lines(rotated.stdout)).toEqual([{ model: 'Reader', read: 5, changed: 3, done: true }])
  expect(rotated.stderr).toBe('encrypt Reader with key "young"; Ctrl-C stops after a batch\n')
  expect(rotated.status).toBe(0)
  expect(goose(['keys', 'status'], { env: { GOOSE_KEYS: young } })).toMatchObject({
    status: 0,
    stderr: 'everything is encrypted with the newest key\n',
  })
  const found = goose(['find', 'Reader', '--select', 'city', '-o', 'csv'], { env: { GOOSE_KEYS: young } })
  expect(found.stdout.match(/Oslo/g)).toHaveLength(5)
  for (const run of [before, rotated]) expect(run.stdout + run.stderr).not.toContain(key('y'))
})

test('models without encrypted fields have nothing to count or change', () => {
  expect(goose(['keys', 'status', 'Book'])).toMatchObject({ status: 0, stderr: 'no model has encrypted fields\n' })
  expect(goose(['keys', 'rotate', 'Book'])).toMatchObject({ status: 0, stderr: 'no model has encrypted fields\n' })
})

test('a rotation that is interrupted says where to go on, and goes on there', { timeout: 60_000 }, async () => {
  expect(insert(10, 600, old).status).toBe(0)
  const env = { GOOSE_KEYS: `${young},${old}` }
  const child = project.start(['keys', 'rotate', 'Reader', '--batch', '1'], { env })
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', chunk => {
    stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    if (stderr === '') child.kill('SIGINT')
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(8)
  const [{ read, done }] = lines(stdout)
  expect(done).toBe(false)
  const [, after] = /go on with: goose keys rotate Reader --after ([0-9a-f]{24})/.exec(stderr) ?? []
  const rest = goose(['keys', 'rotate', 'Reader', '--after', String(after)], { env })
  expect(lines(rest.stdout)).toMatchObject([{ done: true }])
  expect(read + lines(rest.stdout)[0].read).toBe(605)
  expect(goose(['keys', 'status'], { env: { GOOSE_KEYS: young } }).status).toBe(0)
})

test('a rotation that is killed at any moment is done by the next one', { timeout: patience(120_000) }, async () => {
  const env = { GOOSE_KEYS: `${young},${old}` }
  const cities = (keys: string) => {
    const found = goose(['find', 'Reader', '--select', 'city', '-o', 'csv', '--limit', '0'], {
      env: { GOOSE_KEYS: keys },
    })
    return found.stdout.match(/Oslo/g)?.length ?? 0
  }
  const before = cities(env.GOOSE_KEYS)
  for (let round = 0; round < rounds(3, 50); round++) {
    expect(insert(1000 + round * 200, 200, old).status).toBe(0)
    const child = project.start(['keys', 'rotate', 'Reader', '--batch', '5'], { env })
    child.stderr?.once('data', () => setTimeout(() => child.kill('SIGKILL'), Math.random() * 60))
    const [, signal] = await once(child, 'close')
    const rest = goose(['keys', 'rotate', 'Reader'], { env })
    expect(lines(rest.stdout)).toMatchObject([{ done: true }])
    if (signal === null) expect(lines(rest.stdout)).toMatchObject([{ changed: 0 }])
    expect(goose(['keys', 'status'], { env: { GOOSE_KEYS: young } })).toMatchObject({ status: 0 })
  }
  expect(cities(young)).toBe(before + rounds(3, 50) * 200)
})
