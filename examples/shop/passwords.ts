// Passwords: hashed before they are stored, checked at login, and shown nowhere.
import { disconnect } from 'goose-odm'
import { User } from './models/user.ts'
import { open } from './shop.ts'

await open(User)

const email = 'ada@example.com'
const ada = await User.create({ name: 'Ada', email, password: 'correct horse' })
console.log('password in memory:', ada.password)

const stored = await (await User.collection()).findOne({ email })
console.log('stored:', Object.keys(stored ?? {}).join(', '))
console.log('sent to clients:', Object.keys(ada.toJSON()).join(', '))

const login = async (email: string, password: string) => (await User.login(email, password))?.name ?? 'refused'
console.log('right password:', await login(email, 'correct horse'))
console.log('wrong password:', await login(email, 'battery staple'))
console.log('unknown email:', await login('bob@example.com', 'correct horse'))

ada.name = 'Ada Lovelace' // the password is not touched, and stays what it is
await ada.save()
console.log('after a new name:', await login(email, 'correct horse'))

ada.password = 'battery staple'
await ada.save()
console.log('after a new password:', await login(email, 'correct horse'))
console.log('with the new one:', await login(email, 'battery staple'))

ada.password = 'short'
const refused = await ada.save().catch(error => error)
console.log('too short:', refused.message)

const entry = (await ada.history()).find(({ changes }) => changes.passwordHash)
console.log('in the audit log:', entry?.changes.passwordHash?.to)

await disconnect()
