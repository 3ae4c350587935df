// A tree on a server without transactions: of two moves that would close a circle, not both stay.
import { connect, disconnect, model, ref, tree, version, z } from 'goose-odm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'

let server: Embedded
beforeAll(async () => {
  server = await startEmbedded({ durable: false, standalone: true })
  await connect(server.uri, { database: 'tree' })
})
afterAll(async () => {
  await disconnect()
  await server.close()
})

class Folder extends model(
  'AloneFolder',
  {
    name: z.string(),
    parent: ref(() => Folder)
      .nullable()
      .default(null),
  },
  { plugins: [tree({ parent: 'parent', label: 'name' }), version()] },
) {}

test('moves that meet close no circle, and a move that was refused can be tried again', async () => {
  for (let round = 0; round < 10; round++) {
    const [one, two] = await Folder.insertMany([{ name: 'One' }, { name: 'Two' }])
    Object.assign(one!, { parent: two })
    Object.assign(two!, { parent: one })
    const ends = await Promise.allSettled([one!.save(), two!.save()])
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'CYCLE_REFUSED' })
    expect((await Folder.tree()).cycles).toEqual([])
    await two!.reload()
    await one!.reload()
    if (two!.parent === null) {
      one!.parent = two!
      await one!.save()
      expect((await one!.breadcrumbs()).text()).toBe('Two > One')
    }
    await Folder.deleteMany({}, { all: true })
  }
})
