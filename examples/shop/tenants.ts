// Several shops in one collection: what one of them can neither read, change, delete nor count.
import { disconnect } from 'goose-odm'
import { Order } from './models/order.ts'
import { open } from './shop.ts'
import { asTenant } from './tenant.ts'

await open(Order)

const order = await asTenant('north', async () => {
  await Order.create({ number: 2, customer: 'Bob', total: 500 })
  return Order.create({ number: 1, customer: 'Ada', total: 1200 })
})
await asTenant('south', () => Order.create({ number: 1, customer: 'Grace', total: 900 }))

await asTenant('south', async () => {
  console.log('south counts:', await Order.count())
  console.log('south reads:', (await Order.find().all()).map(({ customer }) => customer).join())
  console.log('south gets one of north:', await Order.get(order._id).catch(error => error.code))
  const [sum] = await Order.aggregate<{ total: number }>([{ $group: { _id: null, total: { $sum: '$total' } } }])
  console.log('south adds up:', sum?.total)
  const { deletedCount } = await Order.deleteMany({}, { all: true })
  console.log('south deletes everything:', deletedCount, 'deleted')

  order.total = 0
  console.log('south saves one of north:', await order.save().catch(error => error.code))
  const given = { number: 3, customer: 'Ada', total: 0, tenant: 'north' }
  console.log('south gives one to north:', await Order.create(given).catch(error => error.message))
})
await Order.count().catch(error => console.log('outside of any tenant:', error.message))
await asTenant('north', async () => {
  const moved = await Order.updateMany({ number: 2 }, { $set: { tenant: 'south' } }).catch(error => error)
  console.log('north moves one to south:', moved.message)
  console.log('north still counts:', await Order.count(), 'and', (await order.reload()).total)
})

await disconnect()
