// Tests that everything the documentation says is refused is refused, with the code that it names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/embedded.md'), 'utf8')

/** A command for each name between backticks in the table of what is refused. */
const ASKING: Readonly<Record<string, object>> = {
  $text: find({ $text: { $search: 'a' } }),
  $where: find({ $where: 'true' }),
  $near: find({ at: { $near: [0, 0] } }),
  $nearSphere: find({ at: { $nearSphere: [0, 0] } }),
  $geoWithin: find({
    at: {
      $geoWithin: {
        $box: [
          [0, 0],
          [1, 1],
        ],
      },
    },
  }),
  $geoIntersects: find({ at: { $geoIntersects: { $geometry: { type: 'Point', coordinates: [0, 0] } } } }),
  $function: aggregate({ $set: { v: { $function: { body: 'function() {}', args: [], lang: 'js' } } } }),
  $accumulator: aggregate({
    $group: { _id: null, v: { $accumulator: { init: '', accumulate: '', accumulateArgs: [], merge: '', lang: 'js' } } },
  }),
  $geoNear: aggregate({ $geoNear: { near: [0, 0], distanceField: 'd' } }),
  $meta: aggregate({ $set: { v: { $meta: 'textScore' } } }),
  mapReduce: { mapReduce: 'things', map: 'function() {}', reduce: 'function() {}', out: { inline: 1 } },
  text: index({ name: 'text' }),
  '2d': index({ at: '2d' }),
  '2dsphere': index({ at: '2dsphere' }),
  $changeStream: aggregate({ $changeStream: {} }),
  $queryStats: { aggregate: 1, pipeline: [{ $queryStats: {} }], cursor: {} },
  $querySettings: { aggregate: 1, pipeline: [{ $querySettings: {} }], cursor: {} },
  $search: aggregate({ $search: { text: { query: 'a', path: 'b' } } }),
  $vectorSearch: aggregate({ $vectorSearch: { index: 'a', path: 'b', queryVector: [1], numCandidates: 1, limit: 1 } }),
  createSearchIndexes: { createSearchIndexes: 'things', indexes: [{ definition: { mappings: { dynamic: true } } }] },
  encryptedFields: { create: 'secret', encryptedFields: { fields: [] } },
  createUser: { createUser: 'ann', pwd: 'x', roles: [] },
  createRole: { createRole: 'reader', privileges: [], roles: [] },
  saslStart: { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: Buffer.from('n,,n=a,r=b') },
}

describe.skipIf(process.env.GOOSE_TEST_URI !== undefined)('the embedded database', () => {
  const database = useDatabase()
  beforeAll(() => database.db.collection('things').insertOne({ name: 'a', at: [0, 0] }))

  const refused = tableUnder('What is refused by name').flatMap(([names, codes]) =>
    quoted(names!).map(name => [name, numbers(codes!)] as const),
  )

  test('is documented to refuse something', () => {
    expect(refused.length).toBeGreaterThan(15)
  })

  test.each(refused)('refuses %s with a code of %j', async (name, codes) => {
    const command = ASKING[name]
    expect(command, `how to ask for ${name}`).toBeDefined()
    const error = await database.db.command(command!).then(
      () => undefined,
      thrown => thrown,
    )
    expect(codes).toContain(error?.code)
  })

  test.each(Object.keys(ASKING))('says in its documentation that %s is refused', name => {
    expect(refused.map(([one]) => one)).toContain(name)
  })
})

function find(filter: object): object {
  return { find: 'things', filter }
}

function aggregate(stage: object): object {
  return { aggregate: 'things', pipeline: [stage], cursor: {} }
}

function index(key: object): object {
  return { createIndexes: 'things', indexes: [{ key, name: 'i' }] }
}

function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = page.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!
  const rows = section.split('\n').filter(line => line.startsWith('| '))
  return rows.slice(2).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
}

function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
}

function numbers(text: string): number[] {
  return [...text.matchAll(/\((\d+)\)/g)].map(([, code]) => Number(code))
}
