import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { model, ref, z } from 'goose-odm'
import { expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('memory')
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const COUNT = 100_000
class Room extends model('MemoryRoom', { name: z.string() }) {}
class Reading extends model('MemoryReading', { _id: z.int(), text: z.string(), room: ref(() => Room) }) {}

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

test('a walk through 100,000 documents holds a batch of them, populated or plain', { timeout: 120_000 }, async () => {
  const rooms = await Room.insertMany(Array.from({ length: 20 }, (_, n) => ({ name: `room ${n}` })))
  const collection = await Reading.collection()
  for (let from = 0; from < COUNT; from += 10_000)
    await collection.insertMany(
      Array.from({ length: 10_000 }, (_, n) => ({
        _id: (from + n) as never,
        text: `a reading with some words ${from + n}`,
        room: rooms[n % 20]!._id,
      })),
    )
  for (const walk of [Reading.find().populate('room'), Reading.find().lean()]) {
    const start = heap()
    let [seen, most] = [0, 0]
    for await (const _ of walk) if (++seen % 20_000 === 0) most = Math.max(most, heap() - start)
    expect(seen).toBe(COUNT)
    // As documents, all of them would be more than 50 MB.
    expect(most).toBeLessThan(20)
  }
})
