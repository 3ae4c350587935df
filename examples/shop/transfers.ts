// Transfers between accounts: a hundred at once, and not a cent is lost, made, or spent twice.
import { disconnect, transaction, ValidationFailed } from 'goose-odm'
import { Account } from './models/account.ts'
import { Transfer } from './models/transfer.ts'
import { open } from './shop.ts'

await open(Account, Transfer)

/** Moves an amount, or nothing at all. Throws `ValidationFailed` where the balance would be negative. */
async function transfer(from: Account['_id'], to: Account['_id'], amount: number): Promise<Transfer> {
  return transaction(async () => {
    const payer = await Account.get(from) // read inside: when two meet, one of them begins again from here
    const payee = await Account.get(to)
    payee.balance += amount
    await payee.save()
    payer.balance -= amount
    await payer.save() // where this is refused, the payee has not got it either
    return Transfer.create({ from: payer, to: payee, amount })
  })
}

const [ada, bob] = await Account.insertMany([
  { owner: 'Ada', balance: 500 },
  { owner: 'Bob', balance: 0 },
])
if (!ada || !bob) throw new Error('both were inserted')

// Ada can pay 50 of these 100, whatever their order.
const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => transfer(ada._id, bob._id, 10)))
const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
console.log(`100 at once: ${outcomes.length - refused.length} done, ${refused.length} refused`)
console.log(
  'all refused for the balance:',
  refused.every(({ reason }) => reason instanceof ValidationFailed),
)

const accounts = await Account.find().sort('owner').all()
console.log('balances:', accounts.map(({ owner, balance }) => `${owner} ${balance}`).join(', '))
console.log('transfers noted:', await Transfer.count())

await disconnect()
