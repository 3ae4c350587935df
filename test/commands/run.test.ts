// Maintenance scripts: steps that are not done twice, a lock, signals, exit codes for cron, and a heartbeat.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { patience, rounds } from '../support/effort.ts'

const project = useCliProject('run')
const trace = () => readFileSync(join(project.folder, 'trace.txt'), 'utf8')
const said = (text: string) => writeFileSync(join(project.folder, 'trace.txt'), text)
const ended = (child: ReturnType<typeof project.start>) =>
  new Promise<number | null>(resolve => child.once('close', code => resolve(code)))

function script(name: string, body: string): string {
  const file = join(project.folder, 'scripts', `${name}.ts`)
  writeFileSync(
    file,
    `import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineJob } from 'goose-odm'
import { Book } from '../models/book.ts'
const trace = (text: string): void => appendFileSync('trace.txt', text + '\\n')
export default defineJob({
  name: '${name}',
  async run({ models, log, step, signal, progress, args }) {
${body}
  },
})
`,
  )
  return `scripts/${name}.ts`
}

beforeAll(() => {
  mkdirSync(join(project.folder, 'scripts'), { recursive: true })
})
beforeEach(() => said(''))

describe('goose run', () => {
  test('runs a script in TypeScript with models, arguments, log and steps', () => {
    const file = script(
      'tidy',
      `    const count: number = await step('count', () => Book.find().count())
    await step('mark', () => models.Book!.updateMany({ pages: { $lt: 50 } }, { $set: { published: true } }))
    await log('counted ' + count)
    progress(5, 10)
    trace(args.join('+'))`,
    )
    const run = project.goose(['run', file, '--json', '--', 'a', '-b', '--c'])
    expect([run.status, run.stderr]).toEqual([0, expect.stringContaining('WHY-QUIT no more documents')])
    expect(JSON.parse(run.stdout).data).toMatchObject({ kind: 'script', summary: 'run tidy', state: 'done' })
    expect(trace()).toBe('a+-b+--c\n')
    expect(run.stderr).toMatch(/^counted 30$/m)
    const jobs = project.goose(['jobs', 'logs', JSON.parse(run.stdout).data.run])
    expect(jobs.stdout).toContain('counted 30')
    expect(project.goose(['count', 'Book', '--where', 'published=true']).stdout).toBe('17\n')
  })

  test('tells of an error in the script by its line, without a stack; with --debug it shows one', () => {
    const file = script('broken', `    await step('one', () => trace('one'))\n    throw new Error('no such supplier')`)
    const run = project.goose(['run', file])
    expect(run.status).toBe(1)
    expect(run.stderr).toMatch(/SCRIPT_FAILED {2}job "broken" failed \(line \d+\): no such supplier/)
    expect(run.stderr).not.toMatch(/^\s+at /m)
    expect(project.goose(['run', file, '--debug']).stderr).toMatch(/^\s+at /m)
    expect(trace()).toBe('one\none\n')
  })

  test('goes on behind the steps that are done, with what they gave', () => {
    const file = script(
      'halting',
      `    const found = await step('find', () => { trace('find'); return { ids: [1, 2], at: new Date(0) } })
    await step('atomic', () => { trace('atomic') }, { atomic: true })
    if (args[0] !== 'go' && !(await import('node:fs')).existsSync('fixed')) throw new Error('not yet')
    await step('last', () => trace('last ' + found.ids.length + ' ' + found.at.getTime()))`,
    )
    const first = project.goose(['run', file])
    expect(first.status).toBe(1)
    const id = /goose jobs resume (run_\w+)/.exec(first.stderr)![1]!
    writeFileSync(join(project.folder, 'fixed'), '')
    const second = project.goose(['jobs', 'resume', id])
    expect([second.status, trace()]).toEqual([0, 'find\natomic\nlast 2 0\n'])
    expect(project.goose(['jobs', 'resume', id]).status).toBe(2)
  })

  test('with --resume takes up the last run that was not finished, or begins', () => {
    const file = script(
      'nightly',
      `    await step('a', () => trace('a'))
    if (args[0] === 'fail') throw new Error('x')
    await step('b', () => trace('b'))
    trace('args ' + args.join())`,
    )
    expect(project.goose(['run', file, '--', 'fail']).status).toBe(1)
    const resumed = project.goose(['run', file, '--resume'])
    // The arguments of the run that is taken up stay its own.
    expect(resumed.status).toBe(1)
    expect(trace()).toBe('a\n')
    expect(project.goose(['run', file, '--', 'go']).status).toBe(0)
    expect(trace()).toBe('a\na\nb\nargs go\n')
  })

  test('refuses a file that is not there, one that exports no job, and steps of one name', () => {
    writeFileSync(join(project.folder, 'scripts/empty.ts'), 'export const x: number = 1\n')
    expect(project.goose(['run', 'scripts/nothing.ts']).stderr).toContain('there is no script')
    expect(project.goose(['run', 'scripts/empty.ts']).stderr).toContain('empty.ts exports no job')
    const file = script('twice', `    await step('a', () => 1)\n    await step('a', () => 2)`)
    expect(project.goose(['run', file]).stderr).toContain('two steps are named "a"')
    expect(project.goose(['run', file, '-c', 'guarded']).status).toBe(4)
  })

  test('SIGTERM stops it before the next step, with 8; resume does the rest', async () => {
    const file = script(
      'slow',
      `    for (let i = 0; i < 50; i++) await step('part ' + i, async () => { trace(String(i)); await sleep(args[0] ? 100 : 0) })`,
    )
    const child = project.start(['run', file, '--', 'slowly'])
    while (!trace().includes('3')) await new Promise(resolve => setTimeout(resolve, 50))
    child.kill('SIGTERM')
    expect(await ended(child)).toBe(8)
    expect(project.goose(['run', file, '--resume']).status).toBe(0)
    expect(trace().trim().split('\n')).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
  }, 60_000)

  test('only one runs at a time: skip and fail end with 7, wait waits', async () => {
    const gate = join(project.folder, 'gate.txt')
    const file = script(
      'alone',
      `    await step('a', async () => { trace('begin'); while (!existsSync('gate.txt')) await sleep(50); trace('end') })`,
    )
    const child = project.start(['run', file])
    const first = ended(child)
    while (!trace().includes('begin')) await new Promise(resolve => setTimeout(resolve, 50))
    const waiting = ended(project.start(['run', file, '--on-locked', 'wait']))
    const skipped = project.goose(['run', file, '--on-locked', 'skip', '-q'])
    expect([skipped.status, skipped.stdout, skipped.stderr]).toEqual([7, '', ''])
    writeFileSync(gate, '')
    expect(await first).toBe(0)
    expect(await waiting).toBe(0)
    expect(trace()).toBe('begin\nend\nbegin\nend\n')
  }, 60_000)

  test('tells a heartbeat service of start, success and failure; one that is dead fails no job', async () => {
    const file = script('beating', `    await step('a', () => { if (args[0]) throw new Error('x') })`)
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('ok')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/abc?x=1`
    expect(await ended(project.start(['run', file, '--ping', url]))).toBe(0)
    expect(await ended(project.start(['run', file, '--ping', url, '--', 'fail']))).toBe(1)
    await new Promise(resolve => server.close(resolve))
    expect(asked).toEqual(['/ping/abc/start?x=1', '/ping/abc?x=1', '/ping/abc/start?x=1', '/ping/abc/fail?x=1'])
    expect(project.goose(['run', file, '--ping', url]).status).toBe(0)
    expect(project.goose(['run', file, '--ping', 'nonsense']).status).toBe(2)
  }, 60_000)

  test(
    'killed at any moment, a resume does only the steps that are left',
    async () => {
      const file = script(
        'killed',
        `    for (let i = 0; i < 20; i++)
      await step('part ' + i, async () => { await Book.updateMany({ pages: i * 10 }, { $set: { tags: ['part ' + i] } }); trace(String(i)); await sleep(10) })`,
      )
      for (let round = 0; round < rounds(3, 50); round++) {
        said('')
        const child = project.start(['run', file])
        const killAt = Math.floor(Math.random() * 18)
        while (!trace().split('\n').includes(String(killAt))) await new Promise(resolve => setTimeout(resolve, 5))
        child.kill('SIGKILL')
        await ended(child)
        const before = trace().trim().split('\n')
        const resumed = project.goose(['run', file, '--resume'])
        expect([resumed.status, resumed.stderr]).toEqual([0, expect.stringContaining('WHY-QUIT')])
        const after = trace().trim().split('\n').slice(before.length)
        // The step that was at work when it was killed is done again, and no other.
        expect(new Set([...before, ...after]).size).toBe(20)
        expect(before.filter(step => after.includes(step)).length).toBeLessThanOrEqual(1)
      }
    },
    patience(120_000),
  )
})
