// Tests wildcard indexes through the driver: that they are used, kept in step, and find what a scan finds.
import type { Document } from 'mongodb'
import { expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

const database = useDatabase()

async function examined(name: string, filter: Document): Promise<string> {
  const plan = await database.db.collection(name).find(filter).explain('queryPlanner')
  const text = JSON.stringify(plan.queryPlanner.winningPlan)
  return text.includes('IXSCAN') ? 'index' : 'scan'
}

test('a wildcard index finds values below any path', async () => {
  const products = database.db.collection<Document>('products')
  await products.insertMany([
    { _id: 1 as never, specs: { weight: 5, sizes: [1, 2] }, name: 'a' },
    { _id: 2 as never, specs: { weight: 9, parts: [{ kind: 'x' }, { kind: 'y' }] } },
    { _id: 3 as never, specs: 'none', name: null },
  ])
  await products.createIndex({ '$**': 1 })
  const idsOf = async (filter: Document) =>
    (await products.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id)
  expect(await idsOf({ 'specs.weight': { $gt: 4 } })).toEqual([1, 2])
  expect(await idsOf({ 'specs.sizes': 2 })).toEqual([1])
  expect(await idsOf({ 'specs.parts.kind': 'y' })).toEqual([2])
  expect(await idsOf({ specs: 'none', name: null })).toEqual([3])
  expect(await idsOf({ 'specs.sizes': [1, 2] })).toEqual([1])
  await products.updateOne(
    { _id: 1 as never },
    { $set: { 'specs.weight': 1, 'specs.colour.main': 'red' }, $unset: { name: '' } },
  )
  await products.deleteOne({ _id: 2 as never })
  expect(await idsOf({ 'specs.weight': { $gt: 4 } })).toEqual([])
  expect(await idsOf({ 'specs.colour.main': /^r/ })).toEqual([1])
  if (!database.isEmbedded) return
  expect(await examined('products', { 'specs.weight': { $gt: 4 } })).toBe('index')
  expect(await examined('products', { name: null })).toBe('scan')
  expect(await database.db.command({ validate: 'products' })).toMatchObject({ valid: true, errors: [] })
  expect(await products.aggregate([{ $indexStats: {} }, { $match: { name: '$**_1' } }]).next()).toMatchObject({
    accesses: { ops: expect.anything() },
  })
})

test('a wildcard index of chosen paths leaves others alone', async () => {
  const { db, isEmbedded } = database
  const events = db.collection<Document>('events')
  await events.insertMany([
    { data: { a: 1 }, meta: { b: 1 } },
    { data: { a: 2 }, meta: { b: 2 } },
  ])
  await events.createIndex({ '$**': 1 }, { wildcardProjection: { data: 1 } })
  expect(await events.countDocuments({ 'data.a': 2 })).toBe(1)
  expect(await events.countDocuments({ 'meta.b': 2 })).toBe(1)
  if (!isEmbedded) return
  expect(await examined('events', { 'data.a': 2 })).toBe('index')
  expect(await examined('events', { 'meta.b': 2 })).toBe('scan')
  const refused = await events.createIndex({ 'x.$**': 1 }, { unique: true }).catch(error => error)
  expect(refused.code).toBe(67)
})
