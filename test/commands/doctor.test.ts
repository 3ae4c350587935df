// goose doctor: each finding comes with a command that mends it when it is typed.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const project = useCliProject('doctor')
const { goose } = project

interface Finding {
  readonly finding: string
  readonly path: string
  readonly mend: string
}

const findings = (model: string): readonly Finding[] => JSON.parse(goose(['doctor', model, '-o', 'json']).stdout)

const id = (number: number) => `65f00000000000000000f${String(number).padStart(3, '0')}`
const oid = (hex: string) => ({ $oid: hex })
const by = (hex: string) => ({ who: oid(hex), note: 'seen' })

beforeAll(() => {
  writeFileSync(join(project.folder, 'models/ship.ts'), loose)
  const ships = [
    { code: 'a', length: 10, note: ids.book(1), sister: oid(ids.gone), author: oid(ids.ada), mates: [] },
    { code: 'b', length: '11', author: oid(ids.ada), mates: [oid(ids.ada), oid(ids.gone)] },
    { code: 'c', length: 12, author: oid(ids.gone), mates: [] },
    { code: 'c', length: 13, author: oid(ids.ada), mates: [], crew: 3, launched: 'soon' },
    { code: 'd', length: 14, author: oid(ids.ada), mates: [], launched: { $date: '2026-01-01T00:00:00Z' } },
    { code: 'e', length: 'long', author: oid(ids.ada), mates: [] },
    { code: 'f', length: 15, author: oid(ids.ada), mates: [], place: { deck: 'x' } },
    {
      code: 'g',
      length: 16,
      author: oid(ids.ada),
      mates: [oid(ids.gone)],
      owner: oid(ids.gone),
      log: [by(ids.gone), by(ids.ada)],
    },
    { code: 'h', length: 17, author: oid(ids.ada), mates: [], owner: oid(ids.gone), log: [by(ids.ada), by(ids.gone)] },
    { code: 'i', length: 18, author: 'nobody', mates: [] },
  ]
  const input = ships.map((ship, number) => JSON.stringify({ _id: oid(id(number)), ...ship })).join('\n')
  expect(goose(['insert', 'Ship', '--data', '-'], { input })).toMatchObject({ status: 0 })
  writeFileSync(join(project.folder, 'models/ship.ts'), strict)
})

test('every finding is mended by the command beside it, until nothing is wrong', { timeout: 180_000 }, () => {
  const seen = new Map<string, string>()
  for (let round = 0; round < 30; round++) {
    const [first] = findings('Ship')
    if (!first) break
    seen.set(`${first.finding} ${first.path}`, first.mend)
    const [, doomed] = /^goose delete Ship (\w+)$/.exec(first.mend) ?? []
    const yes = first.mend.startsWith('goose bulk') ? ' --yes' : ''
    const typed = doomed ? `${first.mend} --confirm ${doomed}` : `${first.mend}${yes}`
    const run = spawnSync('bash', ['-c', `goose() { '${process.execPath}' '${project.program}' "$@"; }; ${typed}`], {
      cwd: project.folder,
      env: project.env,
      encoding: 'utf8',
    })
    expect(`${typed}: ${run.status} ${run.stderr}`).toMatch(/: 0 /)
  }
  expect(goose(['doctor', 'Ship'])).toMatchObject({ status: 0, stdout: '' })
  const logs = JSON.parse(goose(['find', 'Ship', '--where', 'code in g,h', '-o', 'json']).stdout)
  expect(logs.map(({ log }: { log: object[] }) => log)).toEqual([
    [{ who: ids.ada, note: 'seen' }],
    [{ who: ids.ada, note: 'seen' }],
  ])
  expect(Object.fromEntries(seen)).toEqual({
    'duplicates before a unique index code': `goose delete Ship ${id(3)}`,
    'unique index missing code': 'goose indexes sync Ship',
    'orphan reference author': `goose delete Ship ${id(2)}`,
    'orphan reference sister': `goose update Ship ${id(0)} --set sister=null`,
    'orphan reference mates': pull('mates', { mates: { $in: [ids.gone] } }),
    'orphan reference owner': `goose bulk update Ship --where 'owner in ${ids.gone}' --set owner=null`,
    'orphan reference log.who': pull('log.who', { log: { who: { $in: [ids.gone] } } }),
    'mixed types length': expect.stringMatching(/^goose (update Ship \w+ --set length=11|delete Ship \w+)$/),
    'does not fit note': `goose update Ship ${id(0)} --unset note`,
    'does not fit place.deck': `goose update Ship ${id(6)} --unset place`,
  })
})

const pull = (path: string, update: object) =>
  `goose bulk update Ship --where '${path} in ${ids.gone}' --update '${JSON.stringify({ $pull: update })}'`

test('duplicates that are only marked as deleted are in the way of an index of all, and of no other', () => {
  const file = (index: string) => `import { model, softDelete, z } from 'goose-odm'
export class Buoy extends model('Buoy', { code: z.string(), mark: z.string().optional() }, {
  plugins: [softDelete(${index.includes('living') ? '{ uniqueAmongLiving: true }' : ''})], indexes: [{ key: { code: 1 }, unique: true }, { key: { mark: 1 }, unique: true${index.includes('living') ? '' : ', sparse: true'} }] }) {}
`
  writeFileSync(join(project.folder, 'models/buoy.ts'), file(''))
  const input = [1, 2].map(number => JSON.stringify({ _id: oid(id(100 + number)), code: 'x' })).join('\n')
  expect(goose(['insert', 'Buoy', '--data', '-'], { input }).status).toBe(0)
  expect(goose(['delete', 'Buoy', id(102)]).status).toBe(0)
  const [duplicates, ...missing] = findings('Buoy')
  expect(duplicates).toMatchObject({ path: 'code', mend: `goose delete Buoy ${id(102)} --hard` })
  expect(missing.map(({ finding }) => finding)).toEqual(['unique index missing', 'unique index missing'])
  const refused = goose(['indexes', 'sync', 'Buoy'])
  expect(JSON.parse(refused.stdout)).toMatchObject({ index: 'code_1', state: 'refused' })
  expect(refused).toMatchObject({
    status: 11,
    stderr: 'goose doctor Buoy finds what stands in the way of a unique index\n',
  })

  writeFileSync(join(project.folder, 'models/buoy.ts'), file('living'))
  expect(goose(['indexes', 'sync', 'Buoy']).status).toBe(0)
  expect(findings('Buoy')).toEqual([])
})

const loose = `import { model, z } from 'goose-odm'

export class Ship extends model('Ship', { code: z.string(), length: z.any(), author: z.any(), mates: z.any(),
  sister: z.any(), owner: z.any(), log: z.any(), note: z.any(), crew: z.any(), launched: z.any(), place: z.any() }) {}
`

const strict = `import { model, ref, z } from 'goose-odm'
import { Author } from './author.ts'

export class Ship extends model('Ship', {
  code: z.string(),
  length: z.number(),
  author: ref(() => Author),
  mates: z.array(ref(() => Author)).default([]),
  sister: ref(() => Author).nullable().default(null),
  owner: ref(() => Author).nullable().optional(),
  log: z.array(z.object({ who: ref(() => Author), note: z.string() })).default([]),
  crew: z.number().optional(),
  launched: z.date().optional(),
  place: z.object({ deck: z.number() }).optional(),
}, { indexes: [{ key: { code: 1 }, unique: true }] }) {}
`
