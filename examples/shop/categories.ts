// A tree of categories: children, parent, breadcrumbs, all below one, and what a tree refuses.
import { disconnect } from 'goose-odm'
import { Category } from './models/category.ts'
import { open } from './shop.ts'
import { taxonomy } from './taxonomy.ts'

await open(Category)
await Category.insertMany(taxonomy.map(([_id, parent, name]) => ({ _id, parent, name })))

const names = (categories: readonly Category[]) => categories.map(({ name }) => name).join(', ')
console.log('roots:', names(await Category.roots()))

const makers = await Category.get(736)
console.log('children:', names(await makers.children()))

const populated = await makers.populate('parent')
console.log('parent:', populated.parent?.name)

// One command each, however deep the tree is.
const espresso = await Category.get(2422)
console.log('breadcrumbs:', (await espresso.breadcrumbs()).text())
console.log('below Drinkware:', names(await (await Category.get(674)).descendants()))
console.log('one level below Food Items:', names(await (await Category.get(422)).descendants({ depth: 1 })))

const kitchen = await Category.get(638)
kitchen.parent = espresso
const refused = await kitchen.save().catch(error => error)
console.log('a circle:', refused.message)

await disconnect()
