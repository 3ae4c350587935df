import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CycleRefused, model, ObjectId, onQuery, ref, softDelete, type TreeNode, tree, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('tree')

class Category extends model(
  'TreeCategory',
  {
    name: z.string(),
    parent: ref(() => Category)
      .nullable()
      .default(null),
  },
  { plugins: [tree({ parent: 'parent', label: 'name' }), softDelete()] },
) {}

let all: Record<string, Category>
beforeEach(async () => {
  all = {}
  for (const [name, parent] of [
    ['Products'],
    ['Electronics', 'Products'],
    ['Laptops', 'Electronics'],
    ['Phones', 'Electronics'],
    ['Books', 'Products'],
    ['Services'],
  ] as const)
    all[name] = await Category.create({ name, parent: parent ? all[parent]! : null })
})
const names = (categories: readonly Category[]) => categories.map(category => category.name)

describe('a tree', () => {
  test('knows children, ancestors, descendants and roots', async () => {
    expect(names(await all.Electronics!.children())).toEqual(['Laptops', 'Phones'])
    expect(names(await all.Laptops!.ancestors())).toEqual(['Products', 'Electronics'])
    expect(names(await all.Products!.ancestors())).toEqual([])
    expect(names(await all.Products!.descendants())).toEqual(['Books', 'Electronics', 'Laptops', 'Phones'])
    expect(names(await all.Products!.descendants({ depth: 1 }))).toEqual(['Books', 'Electronics'])
    expect(names(await all.Laptops!.descendants())).toEqual([])
    expect(names(await Category.roots())).toEqual(['Products', 'Services'])
    expect((await all.Laptops!.ancestors())[0]).toBeInstanceOf(Category)
  })

  test('gives breadcrumbs in one query', async () => {
    const operations: string[] = []
    const stop = onQuery(event => operations.push(event.operation))
    const { items, isCycle, missing } = await all.Laptops!.breadcrumbs()
    stop()
    expect(items.map(item => item.label).join(' > ')).toBe('Products > Electronics > Laptops')
    expect([isCycle, missing]).toEqual([false, undefined])
    expect(operations).toEqual(['aggregate'])
  })

  test('gives all of it as a whole', async () => {
    const [products, services] = await Category.tree()
    expect(products?.children.map(node => [node.document.name, node.children.length])).toEqual([
      ['Books', 0],
      ['Electronics', 2],
    ])
    expect(services?.children).toEqual([])
  })

  test('refuses a save that would close a circle, naming it', async () => {
    all.Products!.parent = all.Laptops!
    const error = await all.Products!.save().catch(caught => caught)
    expect(error).toBeInstanceOf(CycleRefused)
    expect(error.meta.cycle).toBe(
      [all.Products, all.Electronics, all.Laptops, all.Products].map(each => each!._id).join(' > '),
    )
    all.Services!.parent = all.Services!
    await expect(all.Services!.save()).rejects.toThrow(CycleRefused)
    all.Books!.parent = all.Electronics!
    await all.Books!.save()
    expect(names(await all.Electronics!.children())).toEqual(['Books', 'Laptops', 'Phones'])
  })

  test('refuses new documents that would close a circle, among themselves or with stored ones', async () => {
    const [one, two] = [new ObjectId(), new ObjectId()]
    const circle = [
      { _id: one, name: 'One', parent: two },
      { _id: two, name: 'Two', parent: one },
    ]
    await expect(Category.insertMany(circle)).rejects.toThrow(CycleRefused)
    await expect(Category.create({ _id: one, name: 'Own', parent: one })).rejects.toThrow(CycleRefused)
    await Category.create({ _id: one, name: 'One', parent: two })
    await expect(Category.create({ _id: two, name: 'Two', parent: one })).rejects.toThrow(CycleRefused)
    await Category.create({ _id: two, name: 'Two', parent: all.Services! })
    expect((await (await Category.get(one)).breadcrumbs()).text()).toBe('Services > Two > One')
  })

  test('a circle that is there ends, and says so', async () => {
    const collection = await Category.collection()
    await collection.updateOne({ _id: all.Products!._id }, { $set: { parent: all.Laptops!._id } })
    const { items, isCycle } = await all.Laptops!.breadcrumbs()
    expect([items.map(item => item.label), isCycle]).toEqual([['Products', 'Electronics', 'Laptops'], true])
    expect(names(await all.Laptops!.descendants()).sort()).toEqual(['Books', 'Electronics', 'Phones', 'Products'])
    expect(names((await Category.tree()).map(node => node.document))).toEqual(['Services'])
  })

  test('an orphan says what is missing', async () => {
    await all.Electronics!.delete()
    const { items, missing, isCycle } = await all.Laptops!.breadcrumbs()
    expect(items.map(item => item.label)).toEqual(['Laptops'])
    expect([String(missing), isCycle]).toEqual([String(all.Electronics!._id), false])
  })
})

const file = resolve(import.meta.dirname, '../../../shared/data/google-product-taxonomy.en-US.txt')

test.skipIf(!existsSync(file))(
  'the categories of a real shop: the tree has every path, and breadcrumbs are right',
  { timeout: 120_000 },
  async () => {
    await (await Category.collection()).deleteMany({})
    const paths = readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line && !line.startsWith('#'))
      .map(line => line.replace(/^\d+ - /, ''))
      .sort((a, b) => a.split(' > ').length - b.split(' > ').length)
    const made = new Map<string, Category>()
    for (const path of paths) {
      const parent = made.get(path.split(' > ').slice(0, -1).join(' > '))
      made.set(path, new Category({ name: path.split(' > ').at(-1)!, parent: parent ?? null }))
    }
    const loaded = [...made.values()]
    for (let i = 0; i < loaded.length; i += 1000)
      await (await Category.collection()).insertMany(
        loaded
          .slice(i, i + 1000)
          .map(({ _id, name, parent }) => ({ _id, name, parent: parent?._id ?? null, deletedAt: null })),
      )
    await Category.collection().then(collection => collection.createIndex({ parent: 1 }))
    const walked = new Set<string>()
    const walk = (node: TreeNode<Category>, above: string) => {
      const path = above ? `${above} > ${node.document.name}` : node.document.name
      walked.add(path)
      for (const child of node.children) walk(child, path)
    }
    for (const root of await Category.tree()) walk(root, '')
    expect([...walked].sort()).toEqual([...paths].sort())
    for (const path of paths.filter((_, i) => i % 200 === 0)) {
      const { items } = await made.get(path)!.breadcrumbs()
      expect(items.map(item => item.label).join(' > ')).toBe(path)
    }
    const [top] = paths
    expect(await made.get(top!)!.descendants()).toHaveLength(paths.filter(path => path.startsWith(`${top} > `)).length)
    expect(await made.get(top!)!.children()).toHaveLength(
      paths.filter(path => path.startsWith(`${top} > `) && path.split(' > ').length === 2).length,
    )
  },
)
