// Retention as cron does it: a crontab as documented, killed runs that go on, consent that is exact.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Collection, type Document, ObjectId } from 'mongodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { patience, rounds } from '../support/effort.ts'
import { withProjectData } from '../support/project-data.ts'

const project = useCliProject('retention')
const uri = String(project.env.MONGODB_URI)
const program = resolve(import.meta.dirname, '../../bin/run.js')

const withData = <T>(look: (collection: (name: string) => Collection<Document>) => Promise<T>): Promise<T> =>
  withProjectData(project, db => look(name => db.collection(name)))

const long = new Date(Date.now() - 800 * 86_400_000)

/** Readers of long ago, deleted long ago, and some of today. */
function readers(count: number): Document[] {
  const deletion = { op: 'op_old' }
  return Array.from({ length: count }, (_, i) => ({
    _id: new ObjectId(),
    name: `Reader ${i}`,
    fines: i,
    deletedAt: i % 2 === 0 ? long : null,
    ...(i % 2 === 0 ? { deletion } : {}),
  }))
}

function books(count: number): Document[] {
  const author = new ObjectId()
  return Array.from({ length: count }, (_, i) => ({
    _id: new ObjectId(),
    title: `Book ${i}`,
    author,
    tags: [],
    published: true,
    pages: i,
    printedAt: new Date(long.getTime() + i * 1000),
  }))
}

const names = ['books', 'books_archive', 'readers', 'readers_archive', '_audit_log']
const own = ['_goose_runs', '_goose_archives', '_goose_locks']

/** Begins anew: 40 books of long ago, and as many readers, half of them deleted long ago. */
async function empty(collection: (name: string) => Collection<Document>): Promise<void> {
  for (const name of [...names, ...own]) await collection(name).deleteMany({})
  await collection('books').insertMany(books(40))
  await collection('readers').insertMany(readers(40))
}

beforeEach(() => withData(empty))

describe('the documented crontab', () => {
  /** Runs a line of the crontab as cron would: sh, no terminal, a short PATH, nothing of the environment of people. */
  const cron = (command: string, env: Record<string, string> = {}) => {
    const bin = join(project.folder, 'bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'goose'), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, { mode: 0o755 })
    const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', command], {
      cwd: '/',
      env: { HOME: project.folder, LOGNAME: 'cron', SHELL: '/bin/sh', PATH: '/usr/bin:/bin', MONGODB_URI: uri, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { stdout, stderr, status }
  }

  const commands = crontab().map(command =>
    // Only the places differ: where the project lies, and where goose is installed.
    command.replaceAll('/srv/library', project.folder).replaceAll('/usr/local/bin', join(project.folder, 'bin')),
  )

  test('does its work without a word', async () => {
    expect(commands.length).toBe(2)
    for (const command of commands) expect(cron(command)).toEqual({ stdout: '', stderr: '', status: 0 })
    await withData(async collection => {
      expect(await collection('books').countDocuments()).toBe(0)
      expect(await collection('books_archive').countDocuments()).toBe(40)
      expect(await collection('readers').countDocuments()).toBe(20)
    })
    for (const command of commands) expect(cron(command)).toEqual({ stdout: '', stderr: '', status: 0 })
  })

  test('says what stayed, and why', async () => {
    const [first] = books(1)
    await withData(async collection => {
      const there = await collection('books').findOne({ title: 'Book 7' })
      await collection('books_archive').insertOne({ ...first, _id: there!._id })
    })
    const { stdout, stderr, status } = cron(commands[0]!)
    expect([stdout, status]).toEqual(['', 6])
    expect(stderr).toMatch(
      /kept 1\nWHY-QUIT no more documents; to bring it back: .*\nleft [0-9a-f]{24}: another document with this _id is in the archive\nsee: .*\n$/,
    )
  })

  test('stops in time on a protected connection, and needs the word of its own policy there', async () => {
    const guarded = `${commands[0]} -c guarded`
    const wrong = cron(guarded.replace('policy:old-books', 'policy:gone-readers'))
    expect([wrong.stdout, wrong.status]).toEqual(['', 4])
    expect(wrong.stderr).toContain('it is --confirm policy:old-books')
    const { stderr, status } = cron(guarded.replace('--run-time 20m', '--run-time 1ms --batch 5'))
    expect(status).toBe(8)
    expect(stderr).toMatch(/WHY-QUIT run time; go on with: goose jobs resume run_/)
    expect(cron(guarded)).toEqual({ stdout: '', stderr: '', status: 0 })
    expect(await withData(collection => collection('books_archive').countDocuments())).toBe(40)
  })
})

test('killed at any moment, an archive goes on: nothing is lost or doubled, and all is audited', {
  timeout: patience(120_000),
}, async () => {
  for (let round = 0; round < rounds(1, 5); round++) {
    const before = await withData(collection =>
      collection('readers')
        .find({ deletedAt: { $ne: null } })
        .sort({ _id: 1 })
        .toArray(),
    )
    const first = project.start([
      'archive',
      'run',
      'Reader',
      '--deleted',
      'only',
      '--older-than',
      '1d',
      '--batch',
      '2',
      '--rate',
      '30',
    ])
    await killed(first, 300 + Math.random() * 1200)
    for (let again = 0; again < 20; again++) {
      const run = await withData(collection => collection('_goose_runs').findOne({ kind: 'archive' }))
      if (run?.state === 'done') break
      const args = run
        ? ['jobs', 'resume', String(run._id)]
        : ['archive', 'run', 'Reader', '--deleted', 'only', '--older-than', '1d']
      if (again === 0) await killed(project.start(args), 300 + Math.random() * 900)
      else expect(project.goose(args)).toMatchObject({ status: 0 })
    }
    await withData(async collection => {
      expect(await collection('readers_archive').find().sort({ _id: 1 }).toArray()).toEqual(before)
      expect(await collection('readers').countDocuments({ deletedAt: { $ne: null } })).toBe(0)
      const [run] = await collection('_goose_runs').find({ kind: 'archive' }).toArray()
      expect(run?.counters).toMatchObject({ matched: 20, deleted: 20 })
      const entries = await collection('_audit_log').find({ operation: 'delete' }).toArray()
      const audited = new Set(entries.filter(({ op }) => op === run?.op).map(({ documentId }) => String(documentId)))
      expect(audited.size).toBe(20)
      await empty(collection)
    })
  }
})

test('at a terminal or not, a purge is never begun by -y', () => {
  expect(project.goose(['purge', 'Reader', '--older-than', '1d', '--deleted', 'only', '-y']).status).toBe(2)
  const refused = project.goose(['purge', 'Reader', '--older-than', '1d', '--deleted', 'only'])
  expect([refused.status, refused.stderr]).toEqual([4, expect.stringContaining('--confirm Reader')])
  expect(project.goose(['purge', 'Reader', '--deleted', 'only', '--confirm', 'Reader']).status).toBe(2)
  const done = project.goose(['purge', 'Reader', '--older-than', '1d', '--deleted', 'only', '--confirm', 'Reader'])
  expect([done.status, JSON.parse(done.stdout).counters]).toEqual([0, { matched: 20, deleted: 20 }])
})

/** Ends a process at once, after a time. */
async function killed(child: ReturnType<typeof project.start>, after: number): Promise<void> {
  const ended = once(child, 'close')
  const timer = setTimeout(() => child.kill('SIGKILL'), after)
  await ended
  clearTimeout(timer)
}

/** The commands of the crontab in docs/operations.md. */
function crontab(): readonly string[] {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const [, block = ''] = /```crontab\n([\s\S]*?)```/.exec(page) ?? []
  const path = /^PATH=(.*)$/m.exec(block)?.[1] ?? ''
  return block
    .split('\n')
    .filter(line => /^\d/.test(line))
    .map(line => `PATH=${path}; ${line.split(/\s+/).slice(5).join(' ')}`)
}
