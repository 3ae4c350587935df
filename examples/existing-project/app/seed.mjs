// Fills the database of MONGODB_URI through Mongoose: 12 bikes, 4 customers and 24 rentals, the same each time.
import mongoose from 'mongoose'
import { Bike, Customer, Rental } from './models.mjs'

const id = (letter, number) => `65f00000000000000000${letter}${String(number).padStart(3, '0')}`
const day = number => new Date(Date.UTC(2026, 0, number))

await mongoose.connect(process.env.MONGODB_URI)
await mongoose.connection.dropDatabase()
await Promise.all([Bike, Customer, Rental].map(model => model.createIndexes()))

const kinds = ['city', 'cargo', 'race']
const bikes = Array.from({ length: 12 }, (_, i) => ({
  _id: id('b', i),
  label: `B-${100 + i}`,
  kind: kinds[i % 3],
  pricePerDay: [12, 27.5, 19][i % 3],
  tags: i % 2 === 0 ? ['new'] : [],
}))
const customers = ['Ada', 'Grace', 'Edsger', 'Barbara'].map((name, i) => ({
  _id: id('c', i),
  name,
  email: `${name}@example.com`,
  ...(i === 0 ? { passwordHash: '$2b$10$not-a-real-hash' } : {}),
}))
const states = ['open', 'returned', 'returned', 'open', 'returned', 'late']
const rentals = Array.from({ length: 24 }, (_, i) => ({
  _id: id('d', i),
  bike: bikes[i % 12]._id,
  customer: customers[i % 4]._id,
  from: day(1 + 3 * i),
  until: day(3 + 3 * i),
  state: states[i % 6],
  ...(states[i % 6] === 'returned' ? { returnedAt: day(3 + 3 * i) } : {}),
  notes: i % 6 === 0 ? [{ text: 'bell is loose', at: day(2 + 3 * i) }] : [],
}))

await Bike.create(bikes)
await Customer.create(customers)
await Rental.create(rentals)
console.log(`${bikes.length} bikes, ${customers.length} customers, ${rentals.length} rentals`)
await mongoose.disconnect()
