import { expect, test } from 'vitest'
import { maskUris } from '../../src/runtime/masked-uri.ts'

test.each([
  ['mongodb://user:swordfish@host/db', 'mongodb://user:***@host/db'],
  ['mongodb+srv://user:swordfish@cluster.example.com', 'mongodb+srv://user:***@cluster.example.com'],
  ['mongodb://user:sword/fish@host:1,other:2/db', 'mongodb://user:***@host:1,other:2/db'],
  ['mongodb://user:sword@fish#?@host/db?x=1', 'mongodb://user:***@host/db?x=1'],
  ['cannot reach mongodb://user:swordfish@host: refused', 'cannot reach mongodb://user:***@host: refused'],
  [
    '"mongodb://user:swordfish@one" and "mongodb://user:swordfish@two"',
    '"mongodb://user:***@one" and "mongodb://user:***@two"',
  ],
  [
    'mongodb://host/?tls=true&tlsCertificateKeyFilePassword=swordfish&x=1',
    'mongodb://host/?tls=true&tlsCertificateKeyFilePassword=***&x=1',
  ],
  [
    'mongodb://host/?authMechanismProperties=AWS_SESSION_TOKEN:swordfish',
    'mongodb://host/?authMechanismProperties=***',
  ],
  ['mongodb://host:27017/db', 'mongodb://host:27017/db'],
  ['mongodb://user@host/db', 'mongodb://user@host/db'],
  ['embedded:.goose/data', 'embedded:.goose/data'],
])('%s is shown as %s', (text, shown) => {
  expect(maskUris(text)).toBe(shown)
})
