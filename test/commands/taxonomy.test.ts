// A real tree of 5,582 categories: printed, and the way to each of them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ObjectId } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { disconnect } from '../../src/runtime/connection.ts'
import { breadcrumbsOf } from '../../src/shell/breadcrumbs.ts'
import { openWorkspace } from '../../src/shell/workspace.ts'
import { useCliProject } from '../support/cli.ts'

const file = resolve(import.meta.dirname, '../../../shared/data/google-product-taxonomy.en-US.txt')
const isThere = existsSync(file)
const project = useCliProject('taxonomy')
const { goose } = project

interface Entry {
  readonly _id: string
  readonly path: string
}

const entries: readonly Entry[] = isThere ? readEntries() : []
const idByPath = new Map(entries.map(entry => [entry.path, entry._id]))

describe.skipIf(!isThere)('the product taxonomy (needs ../shared/data)', () => {
  beforeAll(() => {
    writeFileSync(join(project.folder, 'models/product.ts'), model)
    writeFileSync(join(project.folder, 'products.ndjson'), entries.map(documentText).join('\n'))
    const { stderr, status } = goose(['insert', 'Product', '--data', '@products.ndjson'])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  }, 60_000)

  test('is printed two levels deep', () => {
    const { stdout, stderr, status } = goose(['tree', 'Product', '--depth', '2'])
    const shallow = entries.filter(({ path }) => path.split(' > ').length <= 2)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map(line => line.replace(/^[├└]── /, '')).sort()).toEqual(
      shallow.map(({ path }) => path.split(' > ').at(-1)).sort(),
    )
    expect(lines.slice(0, 3)).toEqual(['Animals & Pet Supplies', '├── Live Animals', '└── Pet Supplies'])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  test('has a way to each of its nodes, all at once', () => {
    const { stdout, stderr, status } = goose(['breadcrumbs', 'Product', '--all', '-o', 'ndjson'])
    const found = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(new Map(found.map(({ _id, path }) => [path, _id]))).toEqual(idByPath)
    expect({ stderr, status }).toEqual({ stderr: '5582 Product\n', status: 0 })
  })

  // A server may take long for a $graphLookup, so that there only some are asked for one by one.
  const asked = entries.filter((_, index) => !process.env.GOOSE_TEST_URI || index % 20 === 0)

  test('has a way to each node that is asked for by itself', { timeout: 240_000 }, async () => {
    const before = process.env.MONGODB_URI
    process.env.MONGODB_URI = String(project.env.MONGODB_URI)
    try {
      const loaded = await openWorkspace({}, project.folder).model('Product')
      const wrong: string[] = []
      for (const { _id, path } of asked) {
        const answer = await breadcrumbsOf(loaded, _id, {})
        if (answer.kind !== 'value' || answer.text !== path) wrong.push(path)
      }
      expect(wrong).toEqual([])
    } finally {
      await disconnect()
      if (before === undefined) delete process.env.MONGODB_URI
      else process.env.MONGODB_URI = before
    }
  })

  test('has a way to twenty of its nodes, each in a process of its own', { timeout: 120_000 }, () => {
    const some = entries.filter((_, index) => index % Math.ceil(entries.length / 20) === 0)
    expect(some).toHaveLength(20)
    expect(some.map(({ _id }) => goose(['breadcrumbs', 'Product', _id]).stdout.trimEnd())).toEqual(
      some.map(({ path }) => path),
    )
    const last = entries.at(-1)!
    expect(goose(['breadcrumbs', 'Product', last.path]).stdout.trimEnd()).toBe(last.path)
  })
})

function readEntries(): readonly Entry[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  return lines.map(line => {
    const [, number = '', path = ''] = /^(\d+) - (.*)$/.exec(line) ?? []
    return { _id: new ObjectId(number.padStart(24, '0')).toHexString(), path }
  })
}

function documentText({ _id, path }: Entry): string {
  const labels = path.split(' > ')
  const parent = idByPath.get(labels.slice(0, -1).join(' > '))
  return JSON.stringify({ _id: { $oid: _id }, name: labels.at(-1), parent: parent ? { $oid: parent } : null })
}

const model = `import { model, ref, tree, z } from 'goose-odm'

export class Product extends model(
  'Product',
  { name: z.string(), parent: ref(() => Product).nullable().default(null) },
  { plugins: [tree({ parent: 'parent', label: 'name' })] },
) {}
`
