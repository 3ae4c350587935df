// Pace: a run waits while majority writes take longer than they may, and hears when it is to end meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { throttleOf } from '../../src/operations/throttle.ts'

/** A server whose majority writes lag for so many times, and then no more. */
function lagging(times: number) {
  let asked = 0
  const write = async () => {
    asked += 1
    if (asked <= times) await sleep(60)
  }
  return { write, asked: () => asked }
}

test('a run goes on as soon as majority writes are quick again', async () => {
  const server = lagging(3)
  await throttleOf(server.write, () => false).after(10, { batch: 10, maxLag: 30 })
  expect(server.asked()).toBeGreaterThanOrEqual(4)
})

test('a lag that stays is waited for until the run is to end', async () => {
  const server = lagging(Number.POSITIVE_INFINITY)
  await throttleOf(server.write, () => server.asked() >= 5).after(10, { batch: 10, maxLag: 30 })
  expect(server.asked()).toBe(5)
})

test('without limits nothing is asked of the server', async () => {
  const server = lagging(1)
  await throttleOf(server.write, () => false).after(10, { batch: 10 })
  expect(server.asked()).toBe(0)
})
