// What goose tells of its queries: listeners, spans, and warnings while developing.
import { trace } from '@opentelemetry/api'
import { connection, DuplicateKey, model, onQuery, type QueryEvent, ref, secret, z } from 'goose-odm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('observability')

class Agent extends model(
  'ObservedAgent',
  { name: z.string(), code: secret(z.string()).optional() },
  { indexes: [{ key: { name: 1 }, unique: true }] },
) {}
class Mission extends model('ObservedMission', { title: z.string(), agent: ref(() => Agent) }) {}

describe('listeners', () => {
  test('hear of every command, with the shape of the filter and never a value', async () => {
    const events: QueryEvent[] = []
    const stop = onQuery(event => events.push(event))
    await Agent.create({ name: 'Bond', code: '007' })
    await Agent.find({ $or: [{ code: '007' }, { name: { $in: ['Bond'] } }] }).all()
    await Agent.count({ code: '007' })
    stop()
    await Agent.count()
    expect(events.map(event => [event.operation, event.model, event.count])).toEqual([
      ['insert', 'ObservedAgent', 1],
      ['find', 'ObservedAgent', 1],
      ['count', 'ObservedAgent', 1],
    ])
    expect(events[1]!.filter).toEqual({ $or: [{ code: '?' }, { name: { $in: '?' } }] })
    expect(JSON.stringify(events.map(event => event.filter))).not.toMatch(/007|Bond/)
    expect(events.every(event => event.duration > 0)).toBe(true)
  })

  test('that throw break nothing, and become a warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const stop = onQuery(() => {
      throw new Error('listener is out')
    })
    await Agent.create({ name: 'Bond' })
    stop()
    expect(warned).toHaveBeenCalledWith('a query listener failed: listener is out', 'GooseWarning')
    warned.mockRestore()
  })

  test('may ask for slow ones alone', async () => {
    const slow: QueryEvent[] = []
    const stop = onQuery(event => slow.push(event), { slowQueryMs: 60_000 })
    await Agent.count()
    stop()
    expect(slow).toEqual([])
  })
})

describe('spans', () => {
  interface Recorded {
    readonly name: string
    readonly attributes: Record<string, unknown>
    status?: unknown
    ended?: boolean
  }
  const spans: Recorded[] = []
  /** A tracer as the SDKs register theirs. */
  const provider = {
    getTracer: () => ({
      startSpan: () => {
        throw new Error('not asked for')
      },
      startActiveSpan: (
        name: string,
        options: { attributes: Record<string, unknown> },
        act: (span: unknown) => unknown,
      ) => {
        const span: Recorded = { name, attributes: { ...options.attributes } }
        spans.push(span)
        return act({
          setAttribute: (key: string, value: unknown) => Object.assign(span.attributes, { [key]: value }),
          setStatus: (status: unknown) => Object.assign(span, { status }),
          end: () => Object.assign(span, { ended: true }),
        })
      },
    }),
  }
  beforeEach(() => {
    spans.length = 0
    trace.setGlobalTracerProvider(provider as never)
  })
  afterEach(() => trace.disable())

  test('follow the conventions for databases, without values', async () => {
    await Agent.create({ name: 'Bond', code: '007' })
    await Agent.find({ code: '007' }).all()
    expect(spans.map(span => [span.name, span.ended])).toEqual([
      ['insert observedagents', true],
      ['find observedagents', true],
    ])
    expect(spans[1]!.attributes).toEqual({
      'db.system.name': 'mongodb',
      'db.collection.name': 'observedagents',
      'db.operation.name': 'find',
      'db.query.summary': 'find observedagents',
      'db.query.text': '{"code":"?"}',
      'db.response.returned_rows': 1,
      'goose.model': 'ObservedAgent',
    })
  })

  test('of failed commands say the kind of error and nothing more', async () => {
    await Agent.syncIndexes()
    await Agent.create({ name: 'Bond' })
    await expect(Agent.create({ name: 'Bond' })).rejects.toThrow(DuplicateKey)
    const span = spans.at(-1)!
    expect(span).toMatchObject({ status: { code: 2 }, ended: true, attributes: { 'db.response.status_code': '11000' } })
    expect(JSON.stringify(span)).not.toContain('Bond')
  })
})

describe('warnings in development', () => {
  const warnings: string[] = []
  beforeEach(() => {
    warnings.length = 0
    vi.stubEnv('NODE_ENV', 'development')
    vi.spyOn(process, 'emitWarning').mockImplementation(message => void warnings.push(String(message)))
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  test('the same query again and again from one line is said once, with the line', async () => {
    const agents = await Agent.insertMany(Array.from({ length: 30 }, (_, i) => ({ name: `a${i}` })))
    await Mission.insertMany(agents.map(agent => ({ title: 'x', agent })))
    for (const mission of await Mission.find().all()) await mission.agent.load()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(
      /^ObservedAgent: 10 queries of one shape from .*observability\.test\.ts:\d+:\d+; populate the reference/,
    )
    warnings.length = 0
    await Mission.find().populate('agent').all()
    expect(warnings).toEqual([])
  })

  test('a query that reads a whole large collection is said once, with its line and an index', async () => {
    const missions = connection().db.collection(Mission.definition.collection)
    await missions.insertMany(Array.from({ length: 1500 }, (_, i) => ({ title: `t${i}` })))
    await Mission.find({ title: 't7' }).all()
    await Mission.find({ title: 't8' }).all()
    expect(warnings).toEqual([
      expect.stringMatching(
        /^ObservedMission: the query at .*observability\.test\.ts:\d+:\d+ reads the whole collection; an index on title/,
      ),
    ])
    warnings.length = 0
    await missions.createIndex({ agent: 1 })
    await Mission.find({
      agent: missions.dbName
        .padEnd(24, '0')
        .replace(/[^0-9a-f]/g, '0')
        .slice(0, 24),
    }).all()
    expect(warnings).toEqual([])
  })

  test('outside of development nothing is said', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    for (let i = 0; i < 20; i++) await Agent.find({ name: 'nobody else' }).all()
    expect(warnings).toEqual([])
  })
})
