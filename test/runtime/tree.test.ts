import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CycleRefused, model, ObjectId, onQuery, ref, softDelete, type TreeNode, transaction, tree, z } from 'goose-odm'
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

  test('refuses an update that would close a circle, of one document or of many', async () => {
    const { Products, Laptops, Phones, Services } = all as Record<string, Category>
    const circle = [Products, all.Electronics, Laptops, Products].map(each => each!._id).join(' > ')
    const sets = { $set: { parent: Laptops!._id } }
    const ways: (() => Promise<unknown>)[] = [
      () => Products!.update(sets),
      () => Products!.update([{ $set: { parent: Laptops!._id } }]),
      () => Category.updateMany({ name: { $in: ['Products', 'Services'] } }, sets),
      () => Category.bulkWrite([{ updateOne: { filter: { name: 'Products' }, update: sets } }]),
      () =>
        Category.bulkWrite([
          { replaceOne: { filter: { name: 'Products' }, replacement: { name: 'Products', parent: Laptops! } } },
        ]),
    ]
    for (const way of ways) {
      const error = (await way().catch(caught => caught)) as CycleRefused
      expect(error).toBeInstanceOf(CycleRefused)
      expect(error.meta.cycle).toBe(circle)
    }
    await expect(Services!.update({ $rename: { parent: 'name' } } as never)).rejects.toThrow()
    await expect(Services!.update([{ $set: { parent: '$_id' } }])).rejects.toThrow('its own ancestor')
    await expect(Category.find({ name: 'Products' }).plan(sets)).rejects.toThrow('a plan moves no documents of a tree')
    expect((await Phones!.breadcrumbs()).text()).toBe('Products > Electronics > Phones')
    await Category.updateMany({ name: { $in: ['Laptops', 'Phones'] } }, { $set: { parent: Services!._id } })
    expect(names(await Services!.children())).toEqual(['Laptops', 'Phones'])
    await Laptops!.update({ $unset: { parent: 1 } })
    expect(names(await Category.roots())).toEqual(['Laptops', 'Products', 'Services'])
  })

  test('is no circle after moves that meet, each right by itself', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, two, three] = await Category.insertMany([{ name: 'One' }, { name: 'Two' }, { name: 'Three' }])
      const moves = [
        () => Object.assign(one!, { parent: two }).save(),
        () => two!.update({ $set: { parent: three!._id } }),
        () => Category.updateMany({ name: 'Three', _id: three!._id }, { $set: { parent: one!._id } }),
        () => transaction(() => Object.assign(three!, { parent: one }).save()),
      ]
      const ends = await Promise.allSettled(moves.map(move => move()))
      for (const end of ends)
        if (end.status === 'rejected')
          expect(end.reason).toMatchObject({ code: expect.stringMatching(/CYCLE_REFUSED|DOCUMENT_BUSY/) })
      expect((await Category.tree()).cycles).toEqual([])
    }
  })

  test('does not take a document for a root because its parent was not read', async () => {
    const part = (await Category.find({ name: 'Laptops' }).select('name').first())!
    await expect(part.breadcrumbs()).rejects.toThrow('its place in the tree goes by "parent", which was not read')
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
