// Fills the shop for the command line and the jobs: categories, products, posts of three years, suppliers.
import { disconnect } from 'goose-odm'
import { Category } from './models/category.ts'
import { Post } from './models/post.ts'
import { Product } from './models/product.ts'
import { Supplier } from './models/supplier.ts'
import { daysAgo, open } from './shop.ts'
import { taxonomy } from './taxonomy.ts'

await open(Category, Product, Post, Supplier)
await Post.archived().deleteMany({ all: true })

await Category.insertMany(taxonomy.map(([_id, parent, name]) => ({ _id, parent, name })))
const leaves = taxonomy.filter(([id]) => !taxonomy.some(([, parent]) => parent === id))
await Product.insertMany(
  Array.from({ length: 120 }, (_, i) => {
    const [category, , name] = leaves[i % leaves.length]!
    return { name: `${name} ${1 + Math.floor(i / leaves.length)}`, price: 500 + 37 * i, category }
  }),
)
await Post.insertMany(
  Array.from({ length: 36 }, (_, month) => ({
    title: `News of ${month} months ago`,
    body: '…',
    pinned: month === 35,
    createdAt: daysAgo(30 * month + 5),
  })),
)
// Encrypted with the keys of GOOSE_KEYS; without any there are no suppliers.
if (process.env.GOOSE_KEYS) {
  const iban = (number: number) => `DE${String(number).padStart(20, '0')}`
  await Supplier.insertMany(Array.from({ length: 50 }, (_, i) => ({ name: `Supplier ${i}`, iban: iban(i) })))
}

console.log(`${await Category.count()} categories, ${await Product.count()} products, ${await Post.count()} posts`)
await disconnect()
