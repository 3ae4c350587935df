// Puts the counters of categories right: products in each, and in all below it: goose run jobs/recount.ts.
import { defineJob, type TreeNode } from 'goose-odm'
import { Category } from '../models/category.ts'
import { Product } from '../models/product.ts'

export default defineJob({
  name: 'recount',
  async run({ step, log }) {
    const counts = await Product.aggregate<{ _id: number; count: number }>([
      { $group: { _id: '$category', count: { $sum: 1 } } },
    ])
    const own = new Map(counts.map(({ _id, count }) => [_id, count]))
    for (const root of await Category.tree()) {
      const right = totals(root, own)
      // The counters of a branch and the note that it is done are stored together, or not at all.
      const wrong = await step(root.label, () => correct(right), { atomic: true })
      await log(`${root.label}: ${right.get(root.document._id)} products, ${wrong} counters were wrong`)
    }
  },
})

/** Gives how many products there are in a category and all below it, for each category of a branch. */
function totals(root: TreeNode<Category>, own: ReadonlyMap<number, number>): Map<number, number> {
  const all = new Map(root.children.flatMap(child => [...totals(child, own)]))
  const below = root.children.map(({ document }) => all.get(document._id) ?? 0)
  return all.set(
    root.document._id,
    below.reduce((sum, count) => sum + count, own.get(root.document._id) ?? 0),
  )
}

/** Writes the counters that are not right, and gives their number. */
async function correct(right: ReadonlyMap<number, number>): Promise<number> {
  let wrong = 0
  for (const [_id, products] of right) {
    const { modifiedCount } = await Category.updateMany({ _id }, { $set: { products } })
    wrong += modifiedCount
  }
  return wrong
}
