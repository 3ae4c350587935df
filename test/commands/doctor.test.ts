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
    const typed = doomed ? `${first.mend} --confirm ${doomed}` : first.mend
    const run = spawnSync('bash', ['-c', `goose() { '${process.execPath}' '${project.program}' "$@"; }; ${typed}`], {
      cwd: project.folder,
      env: project.env,
      encoding: 'utf8',
    })
    expect(`${typed}: ${run.status} ${run.stderr}`).toMatch(/: 0 /)
  }
  expect(goose(['doctor', 'Ship'])).toMatchObject({ status: 0, stdout: '' })
  expect(Object.fromEntries(seen)).toEqual({
    'duplicates before a unique index code': `goose delete Ship ${id(3)}`,
    'unique index missing code': 'goose indexes sync Ship',
    'orphan reference author': `goose delete Ship ${id(2)}`,
    'orphan reference sister': `goose update Ship ${id(0)} --set sister=null`,
    'orphan reference mates': `goose update Ship ${id(1)} --set mates=${ids.ada}`,
    'mixed types length': expect.stringMatching(/^goose (update Ship \w+ --set length=11|delete Ship \w+)$/),
    'does not fit note': `goose update Ship ${id(0)} --unset note`,
    'does not fit place.deck': `goose update Ship ${id(6)} --unset place`,
  })
})

const loose = `import { model, z } from 'goose-odm'

export class Ship extends model('Ship', { code: z.string(), length: z.any(), author: z.any(), mates: z.any(),
  sister: z.any(), note: z.any(), crew: z.any(), launched: z.any(), place: z.any() }) {}
`

const strict = `import { model, ref, z } from 'goose-odm'
import { Author } from './author.ts'

export class Ship extends model('Ship', {
  code: z.string(),
  length: z.number(),
  author: ref(() => Author),
  mates: z.array(ref(() => Author)).default([]),
  sister: ref(() => Author).nullable().default(null),
  crew: z.number().optional(),
  launched: z.date().optional(),
  place: z.object({ deck: z.number() }).optional(),
}, { indexes: [{ key: { code: 1 }, unique: true }] }) {}
`
