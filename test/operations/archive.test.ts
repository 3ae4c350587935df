// Archiving: what is copied where, what is deleted, what stays, and that nothing is lost or doubled.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as library from 'goose-odm'
import {
  audit,
  connect,
  connection,
  disconnect,
  encrypted,
  generateKey,
  model,
  setKeys,
  softDelete,
  timestamps,
  z,
} from 'goose-odm'
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { emptyPlan } from '../../src/models/plan.ts'
import { type ArchiveRequest, archive } from '../../src/operations/archive.ts'
import { archiveBatch } from '../../src/operations/archive-batch.ts'
import { archivedRuns, verifyArchive } from '../../src/operations/archive-book.ts'
import { type CopyBatch, copierOf, quickerWay } from '../../src/operations/archive-copy.ts'
import { fileTarget } from '../../src/operations/archive-file.ts'
import { insertExactly } from '../../src/operations/archive-insert.ts'
import { placeOf } from '../../src/operations/archive-place.ts'
import { restoreArchive } from '../../src/operations/archive-restore.ts'
import { collectionTarget } from '../../src/operations/archive-target.ts'
import { walkOf } from '../../src/operations/archive-walk.ts'
import { purge } from '../../src/operations/purge.ts'
import { resume } from '../../src/operations/resuming.ts'
import { selectionOf } from '../../src/operations/retention.ts'
import { startRun } from '../../src/operations/run.ts'
import type { RunProgress } from '../../src/operations/run-steps.ts'
import { collectionOf } from '../../src/runtime/execute.ts'
import { useModelDatabase } from '../support/model-database.ts'

class Post extends model(
  'OldPost',
  { title: z.string(), note: encrypted(z.string()).optional(), pinned: z.boolean().default(false) },
  { plugins: [timestamps(), softDelete(), audit()], collection: 'old_posts' },
) {}

/** Without audit, and with whatever the driver can store. */
class Event extends model('OldEvent', { at: z.date() }, { collection: 'old_events' }) {}

useModelDatabase('archive')

const folder = mkdtempSync(join(tmpdir(), 'goose-archive-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => setKeys([{ id: 'one', key: generateKey() }]))

const raw = (name: string) => connection().db.collection<Document>(name)
const day = 86_400_000
const old = (request: Partial<ArchiveRequest> = {}): ArchiveRequest => ({
  definition: Post.definition,
  plan: emptyPlan,
  olderThan: 365 * day,
  by: 'createdAt',
  ...request,
})

/** Stores posts as they were two years ago, and some of today. */
async function fill(count = 25): Promise<void> {
  const long = new Date(Date.now() - 730 * day)
  await Post.insertMany(Array.from({ length: count }, (_, i) => ({ title: `Old ${i}`, note: `secret ${i}` })))
  await raw('old_posts').updateMany({}, { $set: { createdAt: long } })
  await Post.insertMany([{ title: 'New 1' }, { title: 'New 2' }])
  await raw('_audit_log').deleteMany({})
}

const bytesOf = (name: string, filter: Document = {}) =>
  raw(name).find(filter, { raw: true }).sort({ _id: 1 }).toArray() as unknown as Promise<Buffer[]>

describe('an archive into a collection beside', () => {
  beforeEach(() => fill())

  test('moves what is old, byte for byte, and leaves the rest', async () => {
    const before = await bytesOf('old_posts', { title: /^Old/ })
    const ending = await archive(old(), { limits: { batch: 10 } })
    expect(ending).toMatchObject({ why: 'no more documents', isComplete: true })
    expect(ending.counters).toEqual({ matched: 25, copied: 25, verified: 25, deleted: 25 })
    expect(await bytesOf('old_posts_archive')).toEqual(before)
    expect((await Post.distinct('title')).sort()).toEqual(['New 1', 'New 2'])
    expect((await Post.archived().find({ title: 'Old 3' }).first())?.note).toBe('secret 3')
    expect(await Post.withArchive().count()).toBe(27)
  })

  test('audits each document under the operation of the run', async () => {
    const ending = await archive(old({ plan: { ...emptyPlan, filters: [{ title: 'Old 7' }] } }))
    const [entry, ...more] = await raw('_audit_log').find({ operation: 'delete' }).toArray()
    expect(more).toEqual([])
    expect(entry).toMatchObject({ op: ending.operation, via: 'archive', model: 'OldPost' })
    expect(entry?.changes).toMatchObject({ title: { from: 'Old 7' }, note: { from: '(masked)' } })
  })

  test('leaves what is marked as deleted alone, unless it is asked for', async () => {
    await Post.deleteMany({ title: 'Old 1' })
    expect((await archive(old())).counters.deleted).toBe(24)
    expect((await archive(old({ plan: { ...emptyPlan, deleted: 'only' } }))).counters.deleted).toBe(1)
    expect(await Post.archived().onlyDeleted().count()).toBe(1)
  })

  test('copies alone with keepsDocuments, and the next run finds the copies there', async () => {
    expect((await archive(old({ keepsDocuments: true }))).counters).toEqual({ matched: 25, copied: 25, verified: 25 })
    expect(await Post.count()).toBe(27)
    const second = await archive(old())
    expect(second.counters).toEqual({ matched: 25, copied: 0, verified: 25, deleted: 25 })
    expect(await Post.archived().count()).toBe(25)
  })

  test('goes by the clock of the server, where that of this machine is fast', async () => {
    const fast = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1000 * day)
    try {
      const { total } = await selectionOf(old(), undefined, 'archive')
      expect(total).toBe(await raw('old_posts').countDocuments({ title: /^Old/, deletedAt: null }))
    } finally {
      fast.mockRestore()
    }
  })

  test('does not take what became old while it went on', async () => {
    let batches = 0
    const onProgress = () => {
      if (batches++ === 1) void raw('old_posts').updateMany({ title: /^New/ }, { $set: { createdAt: new Date() } })
    }
    const ending = await archive(old({ olderThan: 1 }), { limits: { batch: 5 } }, { onProgress })
    expect(ending.isComplete).toBe(true)
    const { filter } = (await raw('_goose_runs').findOne({ _id: ending.run as never }))!
    expect(BSON.deserialize(filter.buffer)).toMatchObject({
      $and: expect.arrayContaining([{ createdAt: { $lt: expect.any(Date) } }]),
    })
  })

  test('compares the marks alone with verify: count, and refuses that where there are none', async () => {
    const ending = await archive(old({ verify: 'count' }))
    expect(ending.counters).toEqual({ matched: 25, copied: 25, deleted: 25 })
    const request = { definition: Event.definition, plan: emptyPlan, olderThan: day, by: 'at' }
    await expect(archive({ ...request, verify: 'count' })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  })

  test('refuses places and paths that cannot be meant', async () => {
    const refused: readonly (readonly [Partial<ArchiveRequest>, string])[] = [
      [{ to: 'posts' }, 'USAGE'],
      [{ to: 'file:posts.txt' }, 'USAGE'],
      [{ to: 'coll:old_posts' }, 'ARCHIVE_REFUSED'],
      [{ to: 'coll:_goose_runs' }, 'ARCHIVE_REFUSED'],
      [{ to: `db:${connection().db.databaseName}` }, 'ARCHIVE_REFUSED'],
      [{ to: `file:${folder}/none/posts.bson.gz` }, 'ARCHIVE_REFUSED'],
      [{ by: 'titel' }, 'USAGE'],
      [{ by: 'title' }, 'USAGE'],
      [{ olderThan: undefined }, 'EMPTY_FILTER_REFUSED'],
    ]
    for (const [request, code] of refused) await expect(archive(old(request))).rejects.toMatchObject({ code })
    await expect(archive(old(), { limits: { maxDocs: 3 } })).rejects.toMatchObject({ code: 'TOO_MANY_DOCUMENTS' })
    expect(await Post.count()).toBe(27)
    expect(await raw('_goose_locks').countDocuments({ holder: { $ne: null } })).toBe(0)
  })

  test('keeps a document whose _id another one has in the archive, and says so', async () => {
    const { _id } = (await raw('old_posts').findOne({ title: 'Old 4' }))!
    await raw('old_posts_archive').insertOne({ _id, title: 'Another' })
    const ending = await archive(old())
    expect(ending.counters).toMatchObject({ matched: 25, deleted: 24, kept: 1 })
    expect(await Post.count({ title: 'Old 4' })).toBe(1)
    expect(await raw('old_posts_archive').countDocuments({ title: 'Another' })).toBe(1)
    expect(await keptIn(ending.run)).toEqual([{ _id, why: 'another document with this _id is in the archive' }])
  })

  test('keeps a document that a unique index of the archive refuses', async () => {
    await raw('old_posts_archive').createIndex({ title: 1 }, { unique: true })
    await raw('old_posts_archive').insertOne({ title: 'Old 9' })
    const ending = await archive(old())
    expect(ending.counters).toMatchObject({ deleted: 24, kept: 1 })
    expect(await Post.count({ title: 'Old 9' })).toBe(1)
    await raw('old_posts_archive').drop()
  })
})

const keptIn = async (run: string): Promise<readonly unknown[]> =>
  (await raw('_goose_archives').find({ run }).toArray()).flatMap(({ kept }) => kept)

/** Archives with something that happens right after each batch was copied. */
async function archiveWhile(
  meanwhile: () => Promise<unknown>,
  { to = 'coll:old_posts_archive', marks }: { to?: string; marks?: readonly string[] } = {},
) {
  const { definition } = Post
  const { filter, order } = await selectionOf(old(), undefined, 'archive')
  const run = await startRun({ kind: 'archive', model: definition.name, summary: 'archive', filter })
  const head = {
    run: run.id,
    op: run.operation,
    kind: 'archive' as const,
    model: definition.name,
    collection: definition.collection,
    to,
  }
  const place = placeOf(definition, to, new Date())
  const target =
    place.kind === 'file'
      ? fileTarget(definition, place, { head, isNew: true })
      : await collectionTarget(definition, place, marks)
  const copy = async (batch: CopyBatch) => {
    await target.copy(batch)
    await meanwhile()
  }
  const walk = walkOf({ definition, filter, order })
  const job = { run, definition, filter, head, target: { ...target, copy }, walk, marks, keepsDocuments: false }
  const ending = await run.walk(checkpoint => archiveBatch(job, checkpoint))
  await target.close(ending.isComplete)
  await walk.close()
  return ending
}

describe('documents that change meanwhile', () => {
  beforeEach(() => fill())

  test.each([undefined, ['updatedAt']])(
    'one that changes between copy and delete stays, in its new form (marks %s)',
    async marks => {
      const ending = await archiveWhile(() => Post.updateMany({ title: 'Old 3' }, { $set: { pinned: true } }), {
        ...(marks ? { marks } : {}),
      })
      expect(ending.counters).toMatchObject({ matched: 25, deleted: 24, kept: 1 })
      expect(await keptIn(ending.run)).toMatchObject([{ why: 'it was changed after it was copied' }])
      expect(await Post.find({ title: 'Old 3' }).distinct('pinned')).toEqual([true])
      expect(await Post.archived().count()).toBe(24)
      expect(await Post.withArchive().count()).toBe(27)
    },
  )

  test('one whose number changes its type alone is no longer the same', async () => {
    await raw('old_posts').updateOne({ title: 'Old 3' }, { $set: { n: new Double(1) } })
    const ending = await archiveWhile(() =>
      raw('old_posts').updateOne({ title: 'Old 3' }, { $set: { n: new Int32(1) } }),
    )
    expect(ending.counters).toMatchObject({ deleted: 24, kept: 1 })
  })

  test('one that no longer matches stays, and one that somebody deleted is not missed', async () => {
    const ending = await archiveWhile(async () => {
      await raw('old_posts').updateOne({ title: 'Old 5' }, { $set: { createdAt: new Date() } })
      await raw('old_posts').deleteOne({ title: 'Old 6' })
    })
    expect(ending.counters).toMatchObject({ matched: 25, deleted: 23, kept: 1, gone: 1 })
    expect(await keptIn(ending.run)).toMatchObject([{ why: 'it no longer matches' }])
    expect(await Post.withArchive().count()).toBe(27)
    expect((await Post.withArchive().distinct('title')).length).toBe(27)
  })

  test('in a file, one that stays is taken out of what counts', async () => {
    const file = join(folder, 'changed.bson.gz')
    const ending = await archiveWhile(() => Post.updateMany({ title: 'Old 3' }, { $set: { pinned: true } }), {
      to: `file:${file}`,
    })
    expect(ending.counters).toMatchObject({ matched: 25, deleted: 24, kept: 1 })
    await restoreArchive({ definition: Post.definition, from: `file:${file}` })
    expect(await Post.count()).toBe(27)
    expect(await Post.find({ title: 'Old 3' }).distinct('pinned')).toEqual([true])
  })
})

/** Documents as only a database can hold them. */
const odd: readonly Document[] = [
  new Map<string, unknown>([
    ['_id', new Long(1n)],
    ['at', new Date(0)],
    [
      'b',
      new Map<string, unknown>([
        ['2', 'two'],
        ['1', 'one'],
        [
          '10',
          [
            new Map([
              ['3', 1],
              ['0', 2],
            ]),
          ],
        ],
      ]),
    ],
  ]) as never,
  { _id: new Int32(2), at: new Date(0), double: new Double(1), zero: new Double(-0), nan: new Double(Number.NaN) },
  { _id: 'three', at: new Date(0), dec: Decimal128.fromString('1.50'), bin: new Binary(Buffer.from('x'), 5) },
  {
    _id: { a: 1, b: new ObjectId() },
    at: new Date(0),
    re: new BSONRegExp('a/b', 'i'),
    code: new Code('f()', { x: 1 }),
  },
  { _id: UUID.generate(), at: new Date(0), ts: new Timestamp(5n), min: new MinKey(), sym: new BSONSymbol('s') },
  { _id: new ObjectId(), at: new Date(0), long: Long.fromString('9007199254740993'), deep: { '1': { '0': [[]] } } },
]

describe.each([
  ['coll', () => 'coll:odd_archive'],
  ['db', () => `db:${connection().db.databaseName}_cold`],
  ['conn', () => 'conn:cold'],
  ['bson', () => `file:${join(folder, `odd-${process.hrtime.bigint()}.bson.gz`)}`],
  ['ejson', () => `file:${join(folder, `odd-${process.hrtime.bigint()}.ejson.gz`)}`],
])('an archive in %s', (_, place) => {
  const request = () => ({ definition: Event.definition, plan: emptyPlan, olderThan: day, by: 'at', to: place() })
  beforeEach(async () => {
    const uri = process.env.GOOSE_TEST_URI ?? 'embedded::memory:'
    await connect(uri, { alias: 'cold', database: `goose_test_cold_${process.pid}`, timeout: 5000 })
    await connection('cold').db.dropDatabase()
    await connection().client.db(`${connection().db.databaseName}_cold`).dropDatabase()
    await connection().db.command({ insert: 'old_events', documents: [...odd] })
    await connection().db.collection('old_events').insertOne({ _id: new ObjectId(), at: new Date() })
  })
  afterEach(async () => {
    await connection('cold').db.dropDatabase()
    await connection().client.db(`${connection().db.databaseName}_cold`).dropDatabase()
    await disconnect('cold')
  })

  test('keeps types and the order of keys exactly, there and back', async () => {
    const before = await bytesOf('old_events')
    const ending = await archive(request(), { limits: { batch: 4 } })
    expect(ending.counters).toEqual({ matched: 6, copied: 6, verified: 6, deleted: 6 })
    expect(await raw('old_events').countDocuments()).toBe(1)
    expect(await verifyArchive(Event.definition, ending.run)).toEqual({ documents: 6, counted: 0, faults: [] })
    const back = await restoreArchive({ definition: Event.definition, run: ending.run })
    expect(back.counters).toEqual({ matched: 6, restored: 6 })
    expect(await bytesOf('old_events')).toEqual(before)
    const [run] = await archivedRuns('default', 'old_events')
    expect(run).toMatchObject({ run: ending.run, documents: 0, restored: 6, kept: 0 })
  })

  test('comes back not at all while an _id is taken', async () => {
    const ending = await archive(request())
    await raw('old_events').insertOne({ _id: 'three' as never, at: new Date() })
    await expect(restoreArchive({ definition: Event.definition, run: ending.run })).rejects.toMatchObject({
      code: 'ARCHIVE_CLASHES',
      exit: 11,
      meta: { count: 1 },
    })
    expect(await raw('old_events').countDocuments()).toBe(2)
  })

  test('comes back not at all while a unique value is taken', async () => {
    await raw('old_events').createIndex({ 'tags.name': 1 }, { unique: true, sparse: true, name: 'tags' })
    await raw('old_events').updateOne({ _id: 'three' as never }, { $set: { tags: [{ name: 'a' }, { name: 'b' }] } })
    const ending = await archive(request())
    await raw('old_events').insertOne({ at: new Date(), tags: [{ name: 'b' }] })
    await expect(restoreArchive({ definition: Event.definition, run: ending.run })).rejects.toThrow(
      /tags.name "b" is taken/,
    )
    await raw('old_events').dropIndex('tags')
  })

  test('tells of what was changed or removed in it', async () => {
    const to = place()
    const ending = await archive({ ...request(), to })
    await damage(to)
    const { faults } = await verifyArchive(Event.definition, ending.run)
    if (to.startsWith('file:')) expect(faults).toMatchObject([{ fault: 'damaged' }])
    else
      expect(faults.map(({ _id, fault }) => [fault, String(_id)]).sort()).toEqual([
        ['changed', 'three'],
        ['missing', '2'],
      ])
  })
})

const idOfOdd = (document: Document) => (document instanceof Map ? document.get('_id') : document._id)

describe('a server that is slow to merge', () => {
  test('is spared it: documents are the same in every byte, and those that were there stay as they were', async () => {
    await connection().db.command({ insert: 'old_events', documents: [...odd] })
    await raw('slow_archive').insertOne({ _id: 'three' as never, was: 'here' })
    const paces = { merge: 5 }
    const copy = copierOf(Event.definition, { ...Event.definition, collection: 'slow_archive' }, paces)
    await copy({ number: 1, ids: odd.map(idOfOdd), keys: [], filter: { at: { $lt: new Date() } } })
    const others = { _id: { $ne: 'three' } }
    expect(await bytesOf('slow_archive', others)).toEqual(await bytesOf('old_events', others))
    expect(await raw('slow_archive').findOne({ _id: 'three' as never })).toEqual({ _id: 'three', was: 'here' })
    expect(paces).toMatchObject({ merge: 5, carry: expect.any(Number) })
  })

  test.each([
    [{}, 'merge'],
    [{ merge: 0.01 }, 'merge'],
    [{ merge: 0.2 }, 'carry'],
    [{ merge: 0.2, carry: 0.3 }, 'merge'],
    [{ merge: 3 }, 'carry'],
    [{ merge: 3, carry: 0.1 }, 'carry'],
    [{ merge: 3, carry: 5 }, 'merge'],
  ])('with %o is asked to %s next', (paces, way) => expect(quickerWay(paces)).toBe(way))

  test('still has to copy what the driver cannot send', async () => {
    const bytes = Buffer.from('100000001061000100000006620000', 'hex')
    bytes.writeInt32LE(bytes.length)
    const sendable = Buffer.from(BSON.serialize({ _id: new Int32(7) }))
    const slow = { ...Event.definition, collection: 'slow_archive' }
    const left = await insertExactly(slow, async each => [bytes, sendable].forEach(each))
    expect(left).toEqual([bytes])
    expect(await bytesOf('slow_archive', { _id: 7 })).toEqual([sendable])
  })
})

async function damage(to: string): Promise<void> {
  if (to.startsWith('file:')) {
    const path = to.slice('file:'.length)
    const bytes = readFileSync(path)
    bytes[20]! ^= 1
    return writeFileSync(path, bytes)
  }
  const place = placeOf(Event.definition, to, new Date())
  if (place.kind !== 'collection') return
  const collection = await collectionOf(place.definition)
  await collection.updateOne({ _id: 'three' as never }, { $set: { dec: 1.5 } })
  await collection.deleteOne({ _id: 2 as never })
}

test('a run that was stopped goes on where it was, with the filter it began with', async () => {
  await fill(30)
  const stop = new AbortController()
  const onProgress = (run: RunProgress) => void ((run.counters.matched ?? 0) >= 12 && stop.abort())
  const first = await archive(
    old({ to: 'coll:old_posts_archive' }),
    { limits: { batch: 6 } },
    { stop: stop.signal, onProgress },
  )
  expect(first).toMatchObject({ why: 'stopped', isComplete: false, counters: { deleted: 12 } })
  const second = await resume('default', first.run)
  expect(second).toMatchObject({ isComplete: true })
  expect(second.counters).toEqual({ matched: 30, copied: 30, verified: 30, deleted: 30 })
  expect(await Post.archived().count()).toBe(30)
})

test('two that archive the same model: the second is refused while the first is at it', async () => {
  await fill(20)
  let second: Promise<unknown> | undefined
  const onProgress = () => {
    second ??= archive(old()).then(
      () => 'archived',
      (error: { code?: string; exit?: number }) => [error.code, error.exit],
    )
  }
  const first = await archive(old(), { limits: { batch: 2 } }, { onProgress })
  expect(await second).toEqual(['JOB_LOCKED', 7])
  expect(first.counters.deleted).toBe(20)
  expect(await Post.archived().count()).toBe(20)
})

test('a restored document is audited, and a restore by a filter takes nothing else', async () => {
  await fill(5)
  await archive(old())
  const filter = { title: { $in: ['Old 1', 'Old 2'] } }
  const ending = await restoreArchive({ definition: Post.definition, filter })
  expect(ending.counters).toEqual({ matched: 2, restored: 2 })
  expect((await Post.distinct('title')).sort()).toEqual(['New 1', 'New 2', 'Old 1', 'Old 2'])
  expect(await Post.archived().count()).toBe(3)
  const entries = await raw('_audit_log').find({ operation: 'restore' }).toArray()
  expect(entries.map(({ op, via }) => [op, via])).toEqual([
    [ending.operation, 'archive'],
    [ending.operation, 'archive'],
  ])
  expect(await verifyArchive(Post.definition)).toMatchObject({ documents: 3, faults: [] })
})

test('documents of one time that fill several batches are all taken, and none twice, whatever the index', async () => {
  const at = new Date(0)
  for (const index of [undefined, { at: 1 }, { at: -1, _id: -1 }, { at: 1, _id: 1 }] as const) {
    if (index) await raw('old_events').createIndex(index)
    await raw('old_events').insertMany(Array.from({ length: 50 }, (_, i) => ({ at: i < 40 ? at : new Date(i), i })))
    const request = { definition: Event.definition, plan: emptyPlan, olderThan: day, by: 'at', keepsDocuments: true }
    const stop = new AbortController()
    const onProgress = (run: RunProgress) => void ((run.counters.matched ?? 0) >= 14 && stop.abort())
    const first = await archive(request, { limits: { batch: 7 } }, { stop: stop.signal, onProgress })
    const second = await resume('default', first.run)
    expect(second.counters).toEqual({ matched: 50, copied: 50, verified: 50 })
    await raw('old_events').deleteMany({})
    await raw('old_events_archive').deleteMany({})
    if (index) await raw('old_events').dropIndexes()
  }
})

test('whatever is written meanwhile, every document is in one place, in its last form', {
  timeout: 60_000,
}, async () => {
  await fill(300)
  let isOver = false
  const wanted = new Map<string, number>()
  const write = async () => {
    for (let n = 1; !isOver; n++) {
      const title = `Old ${(n * 7) % 300}`
      const { modifiedCount } = await raw('old_posts').updateOne({ title }, { $set: { n } })
      if (modifiedCount === 1) wanted.set(title, n)
    }
  }
  const writer = write()
  const ending = await archive(old(), { limits: { batch: 20 } })
  isOver = true
  await writer
  expect(ending.isComplete).toBe(true)
  const stages = [{ $unionWith: 'old_posts_archive' }, { $match: { title: /^Old/ } }]
  const all = await raw('old_posts').aggregate(stages).toArray()
  expect(all.length).toBe(300)
  expect(new Set(all.map(({ title }) => title)).size).toBe(300)
  for (const { title, n } of all) expect(n).toBe(wanted.get(title))
})

describe('in a program', () => {
  beforeEach(() => fill())

  test('archive() takes what a query finds, and restoreArchived() brings a run or a query back', async () => {
    const done = await library.archive(Post.find({ pinned: false }), { olderThan: '365d', by: 'createdAt' })
    expect([done.isComplete, done.counters.deleted, await Post.count()]).toEqual([true, 25, 2])
    const some = await library.restoreArchived(Post.archived().find({ title: { $in: ['Old 3', 'Old 4'] } }))
    expect([some.counters.restored, await Post.archived().count()]).toEqual([2, 23])
    expect((await library.restoreArchived(done.run)).counters.restored).toBe(23)
    expect([await Post.count(), await Post.archived().count()]).toEqual([27, 0])
  })

  test('another place is named as a policy names it, and found again by its query', async () => {
    await library.archive(Post.find({ title: 'Old 5' }), { to: 'coll:cold_posts' })
    const cold = Post.archived({ collection: 'cold_posts' })
    expect(await cold.count()).toBe(1)
    await library.restoreArchived(cold.find({ title: 'Old 5' }))
    expect([await cold.count(), await Post.count({ title: 'Old 5' })]).toEqual([0, 1])
  })

  test('what is deleted softly is left alone, and comes back as it was', async () => {
    await Post.deleteMany({ title: 'Old 6' })
    const done = await library.archive(Post.find({ title: { $in: ['Old 6', 'Old 7'] } }).includeDeleted())
    expect(done.counters.deleted).toBe(2)
    await library.restoreArchived(Post.archived().find({ title: 'Old 6' }))
    expect([await Post.findDeleted().count(), await Post.archived().count()]).toEqual([1, 1])
  })

  test('refuses what would take or bring back everything, or only some by chance', async () => {
    const codes = [
      library.archive(Post.find()),
      library.archive(Post.find({ pinned: false }).limit(3)),
      library.archive(Post.find(), { olderThan: 'a year' }),
      library.restoreArchived(Post.archived()),
      library.restoreArchived(Post.find({ title: 'Old 1' })),
      library.restoreArchived('run_nothing'),
    ].map(refused =>
      refused.then(
        () => 'done',
        error => error.code,
      ),
    )
    expect(await Promise.all(codes)).toEqual([
      'EMPTY_FILTER_REFUSED',
      'INVALID_QUERY',
      'USAGE',
      'EMPTY_FILTER_REFUSED',
      'INVALID_QUERY',
      'RUN_NOT_FOUND',
    ])
    expect(await Post.count()).toBe(27)
  })
})

test('an archive that cannot be written deletes nothing that is not in it', async () => {
  await fill(10)
  const full = join(folder, 'full.bson.gz')
  symlinkSync('/dev/full', full)
  await expect(archive(old({ to: `file:${full}` }))).rejects.toMatchObject({
    code: 'ARCHIVE_UNWRITABLE',
    message: expect.stringContaining('the disk is full'),
    exit: 6,
  })
  expect(await Post.count()).toBe(12)
  const { _id } = (await raw('_goose_runs').findOne({ state: 'failed' }))!
  rmSync(full)
  expect((await resume('default', String(_id))).counters).toMatchObject({ copied: 10, deleted: 10 })
  await restoreArchive({ definition: Post.definition, from: `file:${full}` })
  const file = join(folder, 'there.bson.gz')
  writeFileSync(file, 'something')
  await expect(archive(old({ to: `file:${file}` }))).rejects.toThrow(/there is a file of that name already/)
  expect(readFileSync(file, 'utf8')).toBe('something')
  expect(await Post.count()).toBe(12)
})

test('a purge removes what is old for good, and audits each document', async () => {
  await fill(12)
  await Post.deleteMany({ title: { $in: ['Old 1', 'Old 2'] } })
  await raw('_audit_log').deleteMany({})
  const only = await purge({ definition: Post.definition, plan: { ...emptyPlan, deleted: 'only' }, olderThan: 1 })
  expect(only).toMatchObject({ isComplete: true, counters: { matched: 2, deleted: 2 } })
  const rest = await purge(old(), { limits: { batch: 3 } })
  expect(rest.counters).toEqual({ matched: 10, deleted: 10 })
  expect((await Post.distinct('title')).sort()).toEqual(['New 1', 'New 2'])
  const entries = await raw('_audit_log').find({ operation: 'delete' }).toArray()
  expect(entries.filter(({ op, via }) => op === rest.operation && via === 'purge').length).toBe(10)
})
