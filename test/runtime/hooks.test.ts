import { definePlugin, model, onQuery, type QueryEvent, ValidationFailed, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('hooks')

let calls: string[]
beforeEach(() => {
  calls = []
})
const noting = (name: string) =>
  definePlugin({
    name,
    hooks: {
      preValidate: () => void calls.push(`${name} preValidate`),
      preSave: async () => void calls.push(`${name} preSave`),
      postSave: (_, { created }) => void calls.push(`${name} postSave ${created}`),
    },
  })
class Task extends model(
  'HookTask',
  { name: z.string().min(1), slug: z.string().optional(), size: z.number().optional() },
  { plugins: [noting('a'), noting('b')] },
) {
  override preValidate() {
    calls.push('own preValidate')
    this.name = this.name.trim()
  }
  override async preSave() {
    await Promise.resolve()
    calls.push('own preSave')
    this.slug = this.name.toLowerCase()
  }
  override postSave({ created }: { readonly created: boolean }) {
    calls.push(`own postSave ${created}`)
  }
  override preDelete() {
    calls.push('preDelete')
  }
  override postDelete() {
    calls.push('postDelete')
  }
  override postUpdate() {
    calls.push('postUpdate')
  }
}

describe('hooks', () => {
  test('run in order, plugins first, sync or async, and tell an insert from a save', async () => {
    const task = await Task.create({ name: ' One ' })
    const before = ['a preValidate', 'b preValidate', 'own preValidate', 'a preSave', 'b preSave', 'own preSave']
    expect(calls).toEqual([...before, 'a postSave true', 'b postSave true', 'own postSave true'])
    expect([task.name, task.slug]).toEqual(['One', 'one'])
    calls = []
    task.name = 'Two'
    await task.save()
    expect(calls).toEqual([...before, 'a postSave false', 'b postSave false', 'own postSave false'])
    expect((await Task.get(task._id)).slug).toBe('two')
  })

  test('a save of nothing runs none', async () => {
    const task = await Task.create({ name: 'One' })
    calls = []
    await task.save()
    expect(calls).toEqual([])
  })

  test('delete and update have theirs', async () => {
    const task = await Task.create({ name: 'One' })
    calls = []
    await task.update({ $set: { size: 1 } })
    await task.delete()
    expect(calls).toEqual(['postUpdate', 'preDelete', 'postDelete'])
  })

  test('insertMany runs them for each', async () => {
    await Task.insertMany([{ name: 'a' }, { name: 'b' }])
    expect(calls.filter(call => call === 'own preSave')).toHaveLength(2)
    expect((await Task.distinct('slug')).sort()).toEqual(['a', 'b'])
  })

  test('preValidate may repair; what preSave breaks is refused, and nothing is stored', async () => {
    class Broken extends model('HookBroken', { name: z.string().min(1) }) {
      override preSave() {
        this.name = ''
      }
    }
    const broken = new Broken({ name: 'x' })
    await expect(broken.save()).rejects.toThrow(ValidationFailed)
    expect([broken.name, broken.isNew, await Broken.count()]).toEqual(['x', true, 0])
    class Repaired extends model('HookRepaired', { name: z.string(), kind: z.string() }) {
      override preValidate() {
        this.kind ??= 'plain'
      }
    }
    expect((await Repaired.create({ name: 'x' } as never)).kind).toBe('plain')
  })

  test('server-side bulk commands run none', async () => {
    await Task.insertMany([{ name: 'a' }])
    calls = []
    await Task.updateMany({ name: 'a' }, { $set: { size: 2 } })
    await Task.deleteMany({ name: 'a' })
    expect(calls).toEqual([])
  })
})

describe('listeners', () => {
  test('hear of every command: model, shape of the filter, duration and count, never the values', async () => {
    await Task.insertMany([{ name: 'a' }, { name: 'b' }])
    const events: QueryEvent[] = []
    const stop = onQuery(event => events.push(event))
    await Task.find({ name: { $in: ['a', 'secret'] }, $or: [{ size: null }] }).all()
    await Task.count({ name: 'a' })
    stop()
    await Task.count()
    expect(events.map(({ model: of, operation, count }) => [of, operation, count])).toEqual([
      ['HookTask', 'find', 1],
      ['HookTask', 'count', 1],
    ])
    expect(events[0]?.filter).toEqual({ name: { $in: '?' }, $or: [{ size: '?' }] })
    expect(events[0]?.duration).toBeGreaterThanOrEqual(0)
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  test('one that throws breaks nothing, and slow ones may be all one hears of', async () => {
    const warnings: string[] = []
    const listen = (warning: Error) => warnings.push(warning.message)
    process.on('warning', listen)
    const stops = [
      onQuery(() => {
        throw new Error('my mistake')
      }),
      onQuery(() => calls.push('slow'), { slowQueryMs: 60_000 }),
    ]
    expect((await Task.create({ name: 'x' })).isNew).toBe(false)
    for (const stop of stops) stop()
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', listen)
    expect(warnings).toEqual(['a query listener failed: my mistake'])
    expect(calls).not.toContain('slow')
  })

  test('hear of commands that failed', async () => {
    await (await Task.collection()).createIndex({ name: 1 }, { unique: true })
    await Task.create({ name: 'x' })
    const events: QueryEvent[] = []
    const stop = onQuery(event => events.push(event))
    await expect(Task.create({ name: 'x' })).rejects.toThrow('exists already')
    stop()
    expect(events[0]?.error).toBeInstanceOf(Error)
    await (await Task.collection()).dropIndexes()
  })
})
