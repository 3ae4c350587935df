// Documents that are deleted and come back, with a history of who changed what and why.
import { auditContext, disconnect } from 'goose-odm'
import { Document } from './models/document.ts'
import { open } from './shop.ts'

await open(Document)

// A server does this once for each request, with the user it has authenticated.
const contract = await auditContext.run({ userId: 'ada' }, async () => {
  const created = await Document.create({ title: 'Lease', kind: 'contract', text: 'Three years, 1200 a month.' })
  created.text = 'Five years, 1100 a month.'
  await created.save()
  return created
})

await auditContext.run({ userId: 'bob', reason: 'wrong folder' }, () => contract.delete())
console.log('found after delete:', await Document.count())
console.log('among the deleted:', await Document.find().onlyDeleted().count())
console.log('can be got:', await Document.get(contract._id).catch(error => error.code))

await auditContext.run({ userId: 'ada', reason: 'it was the right one' }, () => contract.restore())
console.log('found after restore:', await Document.count())

const history = await contract.history()
for (const { operation, by, reason, changes } of history)
  console.log(`${operation} by ${by.userId}${reason ? ` (${reason})` : ''}: ${Object.keys(changes).join(', ')}`)

const change = history.find(({ operation }) => operation === 'update')
console.log('text was:', change?.changes.text?.from)
await auditContext.run({ userId: 'ada', reason: 'the tenant did not sign' }, () => contract.revertTo(history[0]!))
console.log('text is:', contract.text)

await auditContext.run({ userId: 'ada', reason: 'legal retention is over' }, () => contract.hardDelete())
console.log('after hardDelete:', await Document.find().includeDeleted().count())
console.log('its history stays:', (await contract.history()).length, 'entries')

await disconnect()
