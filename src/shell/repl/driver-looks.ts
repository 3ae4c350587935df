// How objects of the driver look in the console: by their names, never by their insides, which hold passwords.
import { inspect } from 'node:util'
import { AbstractCursor, ChangeStream, ClientSession, Collection, Db, MongoClient } from 'mongodb'
import { maskUris } from '../../runtime/masked-uri.ts'

/** Gives a text for an object of the driver, and nothing for any other value. */
export function driverText(value: unknown): string | undefined {
  if (value instanceof Db) return `database ${value.databaseName}`
  if (value instanceof Collection) return `collection ${value.namespace}`
  if (value instanceof MongoClient) return `client of ${maskUris(urlOf(value))}`
  if (value instanceof ClientSession) return 'session'
  if (value instanceof ChangeStream) return 'change stream: for await (const change of it) …'
  return value instanceof AbstractCursor ? 'cursor' : undefined
}

/** Has the driver's objects shown by their names wherever they stand, and credentials nowhere. */
export function hideInsides(): void {
  for (const { prototype } of [Db, Collection, MongoClient, ClientSession, ChangeStream, AbstractCursor])
    look(prototype, function show(this: unknown) {
      return driverText(this)
    })
  // The driver does not export the class of credentials.
  const { credentials } = new MongoClient('mongodb://user:password@127.0.0.1').options
  look(Object.getPrototypeOf(credentials) as object, () => '***')
}

function look(prototype: object, show: (this: unknown) => unknown): void {
  for (const name of [inspect.custom, 'toJSON'])
    Object.defineProperty(prototype, name, { value: show, configurable: true, writable: true })
}

function urlOf(client: MongoClient): string {
  return (client as unknown as { readonly s: { readonly url: string } }).s.url
}
