// Users who were not seen for a year expire: planned, applied, and taken back where nobody has changed them since.
import { apply, disconnect, undo } from 'goose-odm'
import { User } from './models/user.ts'
import { daysAgo, open } from './shop.ts'

await open(User)
const user = (number: number) => ({
  name: `User ${number}`,
  email: `user${number}@example.com`,
  lastSeenAt: daysAgo(number), // every day, one more was seen for the last time
})
await User.insertMany(Array.from({ length: 500 }, (_, i) => user(i)))

const inactive = User.find({ status: 'active', lastSeenAt: { $lt: daysAgo(365) } })
const plan = await inactive.plan({ $set: { status: 'expired' } })
console.log(`plan: ${plan.matched} of ${plan.total}, by index ${plan.index.name}, audited: ${plan.audited}`)
const change = plan.changes.find(({ path }) => path === 'status')
console.log(`  status: ${change?.from} -> ${change?.to}, ${change?.count} times`)
console.log('expired so far:', await User.count({ status: 'expired' }))

// One of them comes back before the plan is applied: what was approved is no longer what would happen.
await User.updateMany({ email: 'user499@example.com' }, { $set: { lastSeenAt: new Date() } })
const drifted = await apply(plan).catch(error => error)
console.log('apply:', drifted.code)

const done = await apply(await inactive.plan({ $set: { status: 'expired' } }), { reason: 'a year without a visit' })
console.log(`apply: ${done.counters.changed} changed, ${done.why}`)

// One of them has his account closed; then somebody finds that a year was too short.
await User.updateMany({ email: 'user400@example.com' }, { $set: { status: 'closed' } })
const taken = await undo(done.run, { reason: 'the terms say two years' })
console.log(`undo: ${taken.counters.restored} restored, ${taken.counters.conflicts} left, as changed since`)
console.log('expired in the end:', await User.count({ status: 'expired' }))

await disconnect()
