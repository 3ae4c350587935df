// Long operations: one at a time, stopped and taken up anywhere, steered from elsewhere.
import { connection } from 'goose-odm'
import { Binary } from 'mongodb'
import { expect, test } from 'vitest'
import { findJob, heldLeases, listJobs, steerJob, throttleJob, unlock } from '../../src/operations/jobs.ts'
import { LOCKS, takeLease } from '../../src/operations/lease.ts'
import { resume } from '../../src/operations/resuming.ts'
import { resumeRun, startRun } from '../../src/operations/run.ts'
import { RUNS } from '../../src/operations/run-document.ts'
import type { RunControls, Step } from '../../src/operations/run-steps.ts'
import type { Run } from '../../src/operations/run-work.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('runs')

const request = { kind: 'count', model: 'Sheep', summary: 'count Sheep', filter: { n: { $regex: 'a', $ne: 'ab' } } }

/** Counts to ten, one a batch. */
const counting =
  (onBatch: (n: number) => unknown = () => {}) =>
  async (checkpoint: unknown): Promise<Step> => {
    const n = ((checkpoint as { n: number } | null)?.n ?? 0) + 1
    await onBatch(n)
    return { checkpoint: { n }, counted: { matched: 1 }, done: n === 10 }
  }
const start = (controls: RunControls = {}, more: object = {}): Promise<Run> =>
  startRun({ ...request, ...more }, controls)

test('a run goes from batch to batch, says why it quit, and gives its lease back', async () => {
  const run = await start()
  expect(await heldLeases('default')).toMatchObject([{ _id: 'count:Sheep', run: run.id, isStale: false }])
  const ending = await run.walk(counting())
  expect(ending).toMatchObject({ state: 'done', why: 'no more documents', isComplete: true, counters: { matched: 10 } })
  expect(await heldLeases('default')).toEqual([])
  const stored = await connection()
    .db.collection(RUNS)
    .findOne({ _id: run.id as never })
  expect(stored).toMatchObject({ state: 'done', checkpoint: { n: 10 }, why: 'no more documents' })
  await expect(resumeRun('default', run.id)).rejects.toMatchObject({ code: 'RUN_REFUSED', exit: 2 })
})

test('the filter comes back as it was, also where Extended JSON would read a type into it', async () => {
  const run = await start()
  expect(run.filter).toEqual({ n: { $regex: 'a', $ne: 'ab' } })
  const any = connection().db.collection('any')
  await any.insertMany([{ n: 'abc' }, { n: 'ab' }])
  expect(await any.countDocuments(run.filter)).toBe(1)
  await run.finish('stopped', 'stopped')
})

test('only one run at a time holds a name; another fails, or waits for it', async () => {
  const first = await start()
  await expect(start()).rejects.toMatchObject({ code: 'JOB_LOCKED', exit: 7, meta: { run: first.id } })
  const waiting = start({}, { onLocked: 'wait' })
  await first.walk(counting())
  const second = await waiting
  expect((await second.walk(counting())).isComplete).toBe(true)
})

test('many that take a name at once: one has it', async () => {
  const taken = await Promise.allSettled(Array.from({ length: 12 }, () => takeLease('default', 'crowd')))
  const winners = taken.filter(result => result.status === 'fulfilled')
  expect(winners.length).toBe(1)
  await winners[0]!.value.release()
})

test('a lease that nobody renews is free again, with a higher number, and its old holder writes no more', async () => {
  const run = await start({ leaseLasts: 60_000 })
  await connection()
    .db.collection(LOCKS)
    .updateOne({ _id: 'count:Sheep' as never }, { $set: { expiresAt: new Date(0) } })
  expect((await findJob('default', run.id)).state).toBe('died')
  const other = await resumeRun('default', run.id)
  await expect(run.walk(counting())).rejects.toMatchObject({ code: 'JOB_LOCKED' })
  expect((await other.walk(counting())).counters).toEqual({ matched: 10 })
})

test('a stop lets the batch end, and a resume goes on behind it', async () => {
  const stop = new AbortController()
  const run = await start({ stop: stop.signal })
  const first = await run.walk(counting(n => n === 4 && stop.abort()))
  expect(first).toMatchObject({ state: 'stopped', why: 'stopped', isComplete: false, counters: { matched: 4 } })
  const seen: number[] = []
  const again = await resumeRun('default', run.id.slice(-8))
  const second = await again.walk(counting(n => seen.push(n)))
  expect(seen).toEqual([5, 6, 7, 8, 9, 10])
  expect(second).toMatchObject({ state: 'done', counters: { matched: 10 } })
})

test('a run stops when its time is over, and notes the error it fails with', async () => {
  const run = await start({}, { limits: { runTime: 1 } })
  await new Promise(resolve => setTimeout(resolve, 5))
  expect(await run.walk(counting())).toMatchObject({ why: 'run time', state: 'stopped' })
  const other = await start()
  const failing = other.walk(async () => Promise.reject(new TypeError('secret detail')))
  await expect(failing).rejects.toThrow(TypeError)
  const { run: stored } = await findJob('default', other.id)
  expect(stored).toMatchObject({ state: 'failed', why: 'TypeError' })
  expect(await heldLeases('default')).toEqual([])
})

test('a run hears from elsewhere that it is to wait, go on, go slower, and end', async () => {
  const run = await start()
  const walking = run.walk(
    counting(async n => {
      if (n === 3) await steerJob('default', run.id, 'pause')
      if (n === 5) await throttleJob('default', run.id, { rate: 7 })
      if (n === 6) await steerJob('default', run.id, 'cancel')
    }),
  )
  await expect.poll(async () => (await findJob('default', run.id)).state, { timeout: 10_000 }).toBe('paused')
  expect(run.counters).toEqual({ matched: 3 })
  await steerJob('default', run.id, 'continue')
  expect(await walking).toMatchObject({ state: 'cancelled', why: 'cancelled', counters: { matched: 6 } })
  expect(run.limits.rate).toBe(7)
})

test('a run nobody works at is cancelled at once; what is over is listed only when asked for', async () => {
  const stop = AbortSignal.abort()
  const run = await start({ stop })
  await run.walk(counting())
  expect((await listJobs('default')).map(job => [job.run._id, job.state])).toEqual([[run.id, 'stopped']])
  expect((await steerJob('default', run.id, 'cancel')).state).toBe('cancelled')
  expect(await listJobs('default')).toEqual([])
  expect((await listJobs('default', { all: true })).length).toBe(1)
  await expect(steerJob('default', run.id, 'pause')).rejects.toMatchObject({ code: 'RUN_REFUSED' })
  await expect(throttleJob('default', run.id, { rate: 5 })).rejects.toMatchObject({ code: 'RUN_REFUSED' })
  await expect(findJob('default', 'run_none')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', exit: 5 })
})

test('a lease taken away ends the run that held it at its next batch', async () => {
  const run = await start()
  const walking = run.walk(counting(async n => n === 2 && (await unlock('default', 'count:Sheep'))))
  await expect(walking).rejects.toMatchObject({ code: 'JOB_LOCKED' })
  expect((await findJob('default', run.id)).run.checkpoint).toEqual({ n: 1 })
})

test('documents in a second are kept to over several batches', async () => {
  const run = await start({}, { limits: { rate: 20 } })
  const began = performance.now()
  await run.walk(counting())
  // Nine waits of a twentieth of a second; a slow machine is only slower.
  expect(performance.now() - began).toBeGreaterThan(440)
})

test.each([
  ['parameters', new Binary(Buffer.from('garbage'))],
  ['filter', null],
  ['by', null],
  ['counters', { matched: 'many' }],
  ['lock', 5],
  ['startedAt', 'yesterday'],
  ['log', null],
])('a run whose %s somebody has damaged is refused by name, and the others are listed', async (field, value) => {
  const stop = AbortSignal.abort()
  const sound = await start({ stop })
  await sound.walk(counting())
  const damaged = await start({ stop })
  await damaged.walk(counting())
  await connection()
    .db.collection(RUNS)
    .updateOne({ _id: damaged.id as never }, { $set: { [field]: value } })
  expect((await listJobs('default')).map(job => job.run._id).sort()).toEqual([sound.id, damaged.id].sort())
  for (const act of [() => findJob('default', damaged.id), () => resume('default', damaged.id)])
    await expect(act()).rejects.toMatchObject({ code: 'RUN_REFUSED', message: expect.stringContaining(`"${field}"`) })
})

test('a run of a model that nobody knows here is left as it is', async () => {
  const run = await start({ stop: AbortSignal.abort() }, { kind: 'archive' })
  await run.walk(counting())
  await expect(resume('default', run.id)).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' })
  expect((await findJob('default', run.id)).state).toBe('stopped')
})

test('whoever waits for a name says once for whom', async () => {
  const told: string[] = []
  const held = await takeLease('default', 'asked', { lasts: 5000 })
  const waiting = takeLease('default', 'asked', { onLocked: 'wait', onWait: text => void told.push(text) })
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1)
  expect(told[0]).toMatch(/^waiting: job "asked" is locked by .+ pid \d+/)
  await held.release()
  await (await waiting).release()
  expect(told.length).toBe(1)
})
