// What a change stream tells, from events as the driver gives them; the engines of the tests have no streams.
import { model, ObjectId, ValidationFailed, z } from 'goose-odm'
import { expect, test } from 'vitest'
import type { RuntimeModel } from '../../src/runtime/document.ts'
import { changesFrom } from '../../src/runtime/watch.ts'

class Plain extends model('WatchPlain', { name: z.string() }) {}
class Strict extends model('WatchStrict', { name: z.string() }, { validateOnRead: true }) {}

async function* events(...documents: readonly (object | undefined)[]) {
  for (const fullDocument of documents)
    yield { operationType: fullDocument ? 'insert' : 'delete', documentKey: { _id: 7 }, fullDocument } as never
}

test('each change has its operation, its id and the document, or null when it is gone', async () => {
  const _id = new ObjectId()
  const seen = []
  for await (const change of changesFrom(Plain as unknown as RuntimeModel, events({ _id, name: 'a' }, undefined)))
    seen.push(change)
  expect(seen).toMatchObject([
    { operation: 'insert', document: { _id, name: 'a' } },
    { operation: 'delete', _id: 7, document: null },
  ])
  expect(seen[0]?.document).toBeInstanceOf(Plain)
})

test('with validateOnRead, a document that does not fit is an error that names it', async () => {
  const _id = new ObjectId()
  const changes = changesFrom(Strict as unknown as RuntimeModel, events({ _id, name: 5 }))
  const failed = await changes.next().catch(error => error)
  expect(failed).toBeInstanceOf(ValidationFailed)
  expect(failed.message).toContain(`WatchStrict ${_id.toHexString()} is not valid: name`)
})
