// Pages by number and pages by cursor, and what becomes of them while others add products.
import { disconnect } from 'goose-odm'
import { Category } from './models/category.ts'
import { Product } from './models/product.ts'
import { open } from './shop.ts'

await open(Category, Product)
const mugs = await Category.create({ _id: 2169, name: 'Mugs' })
const mug = (name: string, price: number) => ({ name, price, category: mugs })
await Product.insertMany('ABCDEFGHIJ'.split('').map((letter, i) => mug(`Mug ${letter}`, 700 + 50 * (i % 4))))

const names = (products: readonly Product[]) => products.map(({ name }) => name.slice(4)).join(' ')
const byPrice = Product.find({ category: mugs }).sort('price', 'name')
console.log('all by price:', names(await byPrice.all()))

const page = await byPrice.page({ page: 2, size: 4 })
console.log(`page ${page.page} of ${page.pages}, ${page.total} in all:`, names(page.items))

// A cursor stands behind a document, not at a number: nothing comes twice and nothing is left out.
const first = await byPrice.after(null, { limit: 4 })
console.log('first 4:', names(first.items))
await Product.create(mug('Mug Z', 600))
console.log('after a cheaper one, page 2:', names((await byPrice.page({ page: 2, size: 4 })).items))
const second = await byPrice.after(first.next, { limit: 4 })
console.log('after a cheaper one, the cursor:', names(second.items))
console.log('and back:', names((await byPrice.before(second.previous, { limit: 4 })).items))

const refused = await Product.find()
  .sort('-price')
  .after(first.next)
  .catch(error => error)
console.log('a cursor of another sort:', refused.code)

await disconnect()
