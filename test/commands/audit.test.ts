// The audit at a prompt: listed, shown, compared, taken back, verified and sealed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { startEmbedded } from '../../src/embedded/index.ts'
import { useCliProject } from '../support/cli.ts'

const project = useCliProject('audit')
const one = '65f00000000000000000dd01'
const two = '65f00000000000000000dd02'
const env = { GOOSE_ACTOR: 'ada@laptop', GOOSE_KEYS: `k:${Buffer.alloc(32, 1).toString('base64')}` }
const goose = (...args: string[]) => project.goose(args, { env })
const rowsOf = (...args: string[]) =>
  goose(...args)
    .stdout.split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
const data = (id: string, name: string) => JSON.stringify({ _id: { $oid: id }, name, city: 'Paris' })

/** Reaches the data past goose. */
async function behind(work: (client: MongoClient) => Promise<unknown>): Promise<void> {
  const uri = project.env.MONGODB_URI!
  const embedded = uri.startsWith('embedded:')
    ? await startEmbedded({ path: uri.slice('embedded:'.length) })
    : undefined
  const client = await MongoClient.connect(embedded?.uri ?? uri)
  await work(client)
  await client.close()
  await embedded?.close()
}

let entries: readonly Record<string, never>[]
beforeAll(() => {
  goose('insert', 'Reader', '--data', data(one, 'Ada'))
  goose('insert', 'Reader', '--data', data(two, 'Bob'))
  goose('update', 'Reader', one, '--set', 'fines=3', '--reason', 'late')
  goose('update', 'Reader', one, '--set', 'fines=5', '--set', 'name=Ada L.', '--set', 'city=Rome')
  goose('delete', 'Reader', two)
  entries = rowsOf('audit', 'log', '--limit', '0')
}, 120_000)

describe('audit log', () => {
  test('lists changes, the newest first, each in one line', () => {
    expect(entries.map(({ operation, change }) => `${operation}: ${change}`)).toEqual([
      'delete: deleted',
      'update: name "Ada" → "Ada L." (+2)',
      'update: fines 0 → 3',
      'insert: created (4 fields; city masked)',
      'insert: created (4 fields; city masked)',
    ])
    expect(entries[2]).toMatchObject({
      actor: 'ada@laptop',
      via: 'cli',
      reason: 'late',
      model: 'Reader',
      documentId: one,
    })
    expect(JSON.stringify(entries)).not.toMatch(/Paris|Rome/)
  })

  test('filters by model, document, actor, operation, kind, field, way and time', () => {
    const count = (...args: string[]) => rowsOf('audit', 'log', ...args).length
    expect(count('--model', 'reader')).toBe(5)
    expect(count('--model', 'Reader', '--id', two)).toBe(2)
    expect(count('--model', 'Reader', '--id', one.slice(-6))).toBe(3)
    expect(count('--id', one)).toBe(3)
    expect(count('--actor', 'ada@laptop')).toBe(5)
    expect(count('--actor', 'bob')).toBe(0)
    expect(count('--op', String(entries[1]!.op))).toBe(1)
    expect(count('--operation', 'insert')).toBe(2)
    expect(count('--field', 'fines')).toBe(2)
    expect(count('--field', 'city')).toBe(1)
    expect(count('--via', 'app')).toBe(0)
    expect(count('--since', '-1h')).toBe(5)
    expect(count('--until', '-1h')).toBe(0)
    expect(count('--since', String(entries[1]!.at), '--until', String(entries[1]!.at))).toBe(1)
  })

  test('goes on from page to page, and refuses a cursor of another question', () => {
    const seen: unknown[] = []
    let after: string[] = []
    for (let page = 0; page < 3; page++) {
      const run = goose('audit', 'log', '--limit', '2', ...after)
      seen.push(
        ...run.stdout
          .split('\n')
          .filter(Boolean)
          .map(line => JSON.parse(line)._id),
      )
      const next = /next: --after (\S+)/.exec(run.stderr)?.[1]
      after = next ? ['--after', next] : []
    }
    expect(seen).toEqual(entries.map(entry => entry._id))
    const first = goose('audit', 'log', '--limit', '2').stderr
    const token = /next: --after (\S+)/.exec(first)![1]!
    expect(goose('audit', 'log', '--model', 'Reader', '--after', token).stderr).toContain('it belongs to other filters')
    expect(goose('audit', 'log', '--after', 'nonsense').status).toBe(2)
  })

  test('refuses a model nobody knows, and a time that is none', () => {
    expect(goose('audit', 'log', '--model', 'Raeder').stderr).toContain('Reader')
    expect(goose('audit', 'log', '--since', 'yesterdayish').stderr).toContain('--since takes a time')
  })

  test.each(['json', 'ndjson', 'csv', 'yaml', 'ejson', 'table', 'wide'])('prints %s', format => {
    const run = goose('audit', 'log', '-o', format)
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('late')
  })
})

describe('audit show and diff', () => {
  test('show tells one change in full; the end of its id is enough', () => {
    const id = String(entries[1]!._id)
    const run = goose('audit', 'show', id, '-o', 'table')
    expect(run.stdout).toContain('name "Ada" → "Ada L."')
    expect(run.stdout).toContain('city (masked) → (masked)')
    expect(run.stdout).toContain('actor  ada@laptop')
    expect(JSON.parse(goose('audit', 'show', id.slice(-8), '--json').stdout).data).toMatchObject({ _id: id })
    expect(goose('audit', 'show', 'ffff').status).toBe(5)
  })

  test('diff tells what a document has become between two moments', () => {
    const at = (i: number) => String(entries[i]!.at)
    expect(rowsOf('audit', 'diff', 'Reader', one).find(({ path }) => path === 'fines')).toEqual({
      path: 'fines',
      to: 5,
    })
    const between = goose('audit', 'diff', 'Reader', one, '--since', at(2), '--until', at(2))
    expect(between.stdout).toBe('{"path":"fines","from":0,"to":3}\n')
    expect(between.stderr).toContain(`1 change of Reader ${one}`)
  })
})

describe('audit revert', () => {
  test('takes an update back, and leaves what the log does not hold when told to', () => {
    const id = String(entries[1]!._id)
    const refused = goose('audit', 'revert', id)
    expect(refused.stderr).toContain('the log does not hold city, which is masked')
    const dry = goose('audit', 'revert', id, '--dry-run')
    expect(dry.stdout).toContain('{"path":"name","from":"Ada L.","to":"Ada"}')
    expect(dry.stderr).toContain('masked in the log, left as it is: city')
    const run = goose('audit', 'revert', id, '--force', '--reason', 'wrong reader')
    expect(run.stderr).toContain(`updated Reader ${one}: took back ${id}`)
    expect(JSON.parse(goose('get', 'Reader', one).stdout)).toMatchObject({ name: 'Ada', fines: 3, city: 'Rome' })
    expect(rowsOf('audit', 'log', '--limit', '1')[0]).toMatchObject({ reason: 'wrong reader', actor: 'ada@laptop' })
  })

  test('refuses where somebody has changed the same since', () => {
    goose('update', 'Reader', one, '--set', 'fines=9')
    const [entry] = rowsOf('audit', 'log', '--limit', '1')
    goose('update', 'Reader', one, '--set', 'fines=11')
    const refused = goose('audit', 'revert', entry._id)
    expect(refused.status).toBe(11)
    expect(refused.stderr).toContain(`CHANGE_OVERTAKEN  Reader ${one}: fines changed since entry ${entry._id}`)
    expect(goose('audit', 'revert', entry._id, '--force').status).toBe(0)
    expect(JSON.parse(goose('get', 'Reader', one).stdout).fines).toBe(3)
  })

  test('brings a deleted document back, deletes a created one, and keeps a second try from doing it again', () => {
    const [deleted] = entries
    expect(goose('audit', 'revert', String(deleted!._id)).stderr).toContain(`restored Reader ${two}`)
    expect(goose('audit', 'revert', String(deleted!._id)).status).toBe(11)
    const created = String(entries[3]!._id)
    expect(goose('audit', 'revert', created).stderr).toContain(`deleted Reader ${two}`)
    expect(goose('get', 'Reader', two).status).toBe(5)
  })

  test('needs the word on a protected connection', () => {
    const [entry] = rowsOf('audit', 'log', '--limit', '1', '--id', one)
    expect(goose('audit', 'revert', entry._id, '-c', 'guarded').status).toBe(4)
  })
})

describe('audit verify and seal', () => {
  test('find nothing in an audit nobody has touched', () => {
    const run = goose('audit', 'verify')
    expect(run.stderr).toMatch(/entries in \d+ chains and 0 batches, 0 seals: whole/)
    expect([run.stdout, run.status]).toEqual(['', 0])
  })

  test('a seal is kept in a file or as its root, and checked', () => {
    const run = goose('audit', 'seal', '--json')
    const seal = JSON.parse(run.stdout).data
    expect(seal).toMatchObject({ _id: 1, previous: '' })
    writeFileSync(join(project.folder, 'seal.json'), run.stdout)
    expect(goose('audit', 'verify', '--seal', seal.root).status).toBe(0)
    expect(goose('audit', 'verify', '--seal', 'seal.json').status).toBe(0)
    expect(goose('audit', 'seal').stdout).toContain('null')
    expect(goose('audit', 'verify', '--seal', '0'.repeat(64)).status).toBe(9)
    expect(goose('audit', 'verify', '--seal', 'nothing.json').status).toBe(2)
  })

  test('a forged entry ends with 9 and is named', async () => {
    const id = String(entries[2]!._id)
    await behind(client =>
      client
        .db()
        .collection('_audit_log')
        .updateOne({ reason: 'late' }, { $set: { 'by.userId': 'bob' } }),
    )
    const run = goose('audit', 'verify')
    expect(run.status).toBe(9)
    expect(JSON.parse(run.stdout)).toMatchObject({ fault: 'changed', entry: id, chain: entries[2]!.chain, seq: 1 })
    expect(run.stderr).toContain(`the first broken link: chain ${entries[2]!.chain} at 1 changed`)
    await behind(async client => {
      await client.db().collection('_audit_log').deleteOne({ reason: 'late' })
    })
    const cut = goose('audit', 'verify', '--seal', 'seal.json')
    expect(cut.status).toBe(9)
    expect(cut.stdout).toContain('"fault":"cut"')
    expect(cut.stdout).toContain('seal 1: what it sealed is gone')
  })
})
