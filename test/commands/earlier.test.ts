// Documents as they were: by time and by version, from the audit.
import { expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const { goose } = useCliProject('earlier')
const env = { GOOSE_KEYS: `one:${Buffer.alloc(32, 'k').toString('base64')}` }
const run = (...args: readonly string[]) => goose(args, { env })
const get = (...args: readonly string[]) => JSON.parse(run('get', 'Reader', ...args).stdout)

test('a document is shown as it was at a time and in a version', async () => {
  const { _id } = JSON.parse(run('insert', 'Reader', '--set', 'name=Ada', '--set', 'city=London').stdout)
  const created = await pause()
  run('update', 'Reader', _id, '--set', 'name=Ada Lovelace', '--set', 'fines=3')
  const renamed = await pause()
  run('update', 'Reader', _id, '--set', 'fines=0', '--set', 'city=Turin')

  expect(get(_id, '--at', created)).toEqual({ _id, name: 'Ada', fines: 0, city: '(masked)', deletedAt: null })
  expect(get(_id, '--at', renamed)).toMatchObject({ name: 'Ada Lovelace', fines: 3 })
  expect(get(_id.slice(-8), '--at', '+1h')).toMatchObject({ name: 'Ada Lovelace', fines: 0 })
  expect(get(_id, '--version', '1', '--select', 'name')).toEqual({ _id, name: 'Ada' })
  expect(get(_id, '--version', '2')).toMatchObject({ fines: 3 })
  expect(run('get', 'Reader', _id, '--version', '2').stderr).toMatch(/^version 2: update \d{4}-\S+Z by \S+ · \S+\n$/)
  expect(run('get', 'Reader', _id, '--at', '-1h')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('it was created 20'),
  })
  expect(run('get', 'Reader', _id, '--version', '9').status).toBe(5)
})

test('what is gone is shown as it was before, and what was marked deleted only when asked for', async () => {
  const { _id } = JSON.parse(run('insert', 'Reader', '--set', 'name=Gone').stdout)
  run('delete', 'Reader', _id)
  expect(run('get', 'Reader', _id, '--version', '2')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('--deleted include'),
  })
  expect(get(_id, '--version', '2', '--deleted', 'include')).toMatchObject({ name: 'Gone' })
  expect(run('delete', 'Reader', _id, '--hard', '--confirm', _id).status).toBe(0)
  expect(get(_id, '--version', '1')).toMatchObject({ _id, name: 'Gone', deletedAt: null })
  expect(run('get', 'Reader', _id, '--at', '+1m')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('it was deleted before'),
  })
})

test('a model without audit, a time that is none and odd pairs are refused', () => {
  expect(run('get', 'Book', ids.book(1), '--at', '-1h')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Book has no audit'),
  })
  expect(run('get', 'Reader', ids.ada, '--at', 'yesterday').status).toBe(2)
  expect(run('get', 'Reader', ids.ada, '--at', '-1h', '--version', '1').status).toBe(2)
  expect(run('get', 'Reader', ids.ada, '--version', '0').status).toBe(2)
  expect(run('get', 'Reader', ids.ada, '--at', '-1h')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('the audit knows nothing of it'),
  })
})

/** Gives a moment that lies between what was done before and what comes after. */
async function pause(): Promise<string> {
  await new Promise(resolve => setTimeout(resolve, 5))
  const now = new Date().toISOString()
  await new Promise(resolve => setTimeout(resolve, 5))
  return now
}
