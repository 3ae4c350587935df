import { type CursorPage, InvalidCursor, model, secret, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('cursor')

class Item extends model('CursorItem', { name: z.string(), score: z.unknown(), group: z.number() }) {}

// Ties, nulls, missing values and values of different types.
const { NaN: none, NEGATIVE_INFINITY: least } = Number
const scores = [
  none,
  3,
  1,
  null,
  least,
  2,
  undefined,
  3,
  'b',
  'a',
  1,
  null,
  true,
  new Date(5),
  3.5,
  'b',
  undefined,
  { a: 1 },
  none,
]

beforeEach(async () => {
  const collection = await Item.collection()
  await collection.insertMany(
    scores.map((score, i) => ({ name: `n${i}`, group: i % 3, ...(score === undefined ? {} : { score }) })),
  )
})

type Reading = (cursor: string | null) => Promise<CursorPage<Item>>

async function walk(read: Reading, from: (page: CursorPage<Item>) => string | null): Promise<string[][]> {
  const pages: string[][] = []
  for (let cursor: string | null = null; ; ) {
    const page: CursorPage<Item> = await read(cursor)
    pages.push(page.items.map(item => item.name))
    cursor = from(page)
    expect(cursor !== null).toBe(page.hasMore)
    if (cursor === null) return pages
  }
}

describe.each([[['score']], [['-score']], [['group', '-score']], [['-group', 'score', '-name']], [['-_id']], [[]]])(
  'sorted by %j',
  sort => {
    test('a walk forward meets every document once, in order; a walk back the same', async () => {
      const query = Item.find().sort(...sort)
      const expected = (
        await Item.find()
          .sort(...sort, ...(sort.includes('-_id') ? [] : ['_id']))
          .all()
      ).map(item => item.name)
      const forward = await walk(
        cursor => query.after(cursor, { limit: 3 }),
        page => page.next,
      )
      expect(forward.flat()).toEqual(expected)
      const back = await walk(
        cursor => query.before(cursor, { limit: 3 }),
        page => page.previous,
      )
      expect(back.reverse().flat()).toEqual(expected)
    })
  },
)

test('from a page one goes back to the page before it', async () => {
  const query = Item.find().sort('name')
  const one = await query.after(null, { limit: 4 })
  const two = await query.after(one.next, { limit: 4 })
  const again = await query.before(two.previous, { limit: 4 })
  expect(again.items.map(item => item.name)).toEqual(one.items.map(item => item.name))
  expect(one.previous).toBeNull()
  expect(again.next).not.toBeNull()
})

test('the filter of the user is kept on every page', async () => {
  const ids = (await Item.find({ group: 1 }).all()).map(item => item._id)
  const pages = await walk(
    cursor => Item.find({ _id: { $in: ids } }).after(cursor, { limit: 2 }),
    page => page.next,
  )
  expect(pages.flat()).toHaveLength(ids.length)
})

test('select keeps what the walk needs', async () => {
  const page = await Item.find().sort('group').select('name').after(null, { limit: 2 })
  expect((await Item.find().sort('group').select('name').after(page.next, { limit: 2 })).items).toHaveLength(2)
})

test.each(['score', '-score'])('a walk by %s counts a default for what it is in the database: nothing', async sort => {
  class Rated extends model(
    'CursorItem2',
    { name: z.string(), score: z.number().default(2) },
    { collection: 'cursorrated' },
  ) {}
  await (await Rated.collection()).insertMany([
    { name: 'a' },
    { name: 'b', score: 1 },
    { name: 'c' },
    { name: 'd', score: 3 },
  ])
  for (const query of [
    Rated.find(),
    Rated.find().select('name'),
    Rated.find().select('-score'),
    Rated.find().select('-_id'),
  ]) {
    const names: string[] = []
    for (let cursor: string | null = null, more = true; more; ) {
      const page: CursorPage<Rated> = await query.sort(sort).after(cursor, { limit: 1 })
      names.push(...page.items.map(item => item.name))
      ;[cursor, more] = [page.next, page.hasMore]
    }
    expect(names).toEqual(sort === 'score' ? ['a', 'c', 'b', 'd'] : ['d', 'b', 'a', 'c'])
  }
})

test('what lies in lists is no order to page by, and a secret is not shown by a cursor', async () => {
  class Basket extends model('CursorBasket', {
    lines: z.array(z.object({ n: z.number() })),
    code: secret(z.string()),
  }) {}
  await Basket.insertMany([
    { lines: [{ n: 1 }], code: 'a' },
    { lines: [{ n: 2 }], code: 'b' },
  ])
  await expect(Basket.find().sort('lines.n').after(null, { limit: 1 })).rejects.toThrow('a list is no order to page by')
  await expect(Basket.find().sort('code').after(null)).rejects.toThrow('"code" is hidden, and a cursor would show it')
})

test('a cursor of another sort or filter, or no cursor at all, is refused', async () => {
  const { next } = await Item.find().sort('name').after(null, { limit: 2 })
  await expect(Item.find().sort('-name').after(next)).rejects.toThrow(InvalidCursor)
  await expect(Item.find({ group: 1 }).sort('name').after(next)).rejects.toThrow('another sort or filter')
  await expect(Item.find().after('nonsense')).rejects.toThrow('not one that goose made')
  await expect(Item.find().after(null, { limit: 0 })).rejects.toThrow('limit of a page is 0')
})

test('an empty result is an empty page', async () => {
  expect(await Item.find({ name: 'none' }).after()).toEqual({ items: [], next: null, previous: null, hasMore: false })
})
