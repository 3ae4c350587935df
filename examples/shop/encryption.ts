// Bank accounts encrypted at rest, found by their value all the same, and encrypted anew with another key.
import { disconnect, generateKey, setKeys } from 'goose-odm'
import { Supplier } from './models/supplier.ts'
import { open } from './shop.ts'

const older = { id: '2025', key: generateKey() } // a program takes them from GOOSE_KEYS, or from its vault
setKeys([older])
await open(Supplier)

const iban = (number: number) => `DE${String(number).padStart(20, '0')}`
const supplier = (number: number) => ({
  name: `Supplier ${number}`,
  iban: iban(number),
  terms: { discount: 2, days: number },
})
await Supplier.insertMany(Array.from({ length: 250 }, (_, i) => supplier(i)))

const stored = await (await Supplier.collection()).findOne({ name: 'Supplier 7' })
console.log('in the database:', JSON.stringify(stored).includes(iban(7)) ? 'readable' : 'not readable')
const found = await Supplier.findOne({ iban: iban(7) })
console.log('found by its value:', found?.name, found?.terms)
const twice = await Supplier.create({ ...supplier(251), iban: iban(7) }).catch(error => error)
console.log('the same value again:', twice.code)

// The newest key comes first: it encrypts, and all of them decrypt. Nothing has to stop meanwhile.
const newer = { id: '2026', key: generateKey() }
setKeys([newer, older])
await Supplier.create(supplier(300))
const { read, changed } = await Supplier.rotateKeys({ batchSize: 100 })
console.log(`rotation: ${changed} of ${read} encrypted anew`)

setKeys([newer]) // the older one can go
console.log('with the newer key alone:', (await Supplier.findOne({ iban: iban(7) }))?.name)

await disconnect()
