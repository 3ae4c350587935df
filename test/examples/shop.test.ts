// The shop: each topic prints what its README says, in process and as typed where it was copied to, and so do its jobs.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { format } from 'node:util'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { copyExample } from '../support/copied-example.ts'
import { openTerminal } from '../support/terminal.ts'

const root = resolve(import.meta.dirname, '../..')
const shop = join(root, 'examples/shop')
const readme = join(shop, 'README.md')
const server = process.env.GOOSE_TEST_URI

interface Typed {
  readonly command: string
  /** What it prints, as the README says. */
  readonly printed: string
}

const all = commandsOf(readFileSync(readme, 'utf8'))
const isTopic = ({ command }: Typed) => /^npx jiti (?!fill)\w+\.ts$/.test(command)
const topics = all.filter(isTopic).map(({ command, printed }) => ({ topic: command.slice(9, -3), printed }))

describe('in process', () => {
  const uri = server ? within(server, `shop_${process.pid}`) : 'embedded::memory:'
  afterAll(() => drop(uri))

  test.each(topics)('$topic prints what the README says', { timeout: 120_000 }, async ({ topic, printed }) => {
    vi.resetModules()
    vi.stubEnv('MONGODB_URI', uri)
    const lines: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...said) => void lines.push(format(...said)))
    try {
      await import(join(shop, `${topic}.ts`))
    } finally {
      log.mockRestore()
      vi.unstubAllEnvs()
    }
    expect(lines.join('\n')).toBe(printed)
  })
})

test('refuses to empty the collections of a database that is not the shop’s', async () => {
  vi.resetModules()
  const { startEmbedded } = await import('goose-odm/embedded')
  const { disconnect } = await import('goose-odm')
  const other = await startEmbedded({ durable: false })
  vi.stubEnv('MONGODB_URI', within(other.uri, 'production'))
  try {
    const { open } = await import(join(shop, 'shop.ts'))
    await expect(open()).rejects.toThrow('name a database shop…, not production')
  } finally {
    vi.unstubAllEnvs()
    await disconnect()
    await other.close()
  }
})

describe('as typed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goose-shop-'))
  const project = join(folder, 'shop')
  const uri = server ? within(server, `shop_${process.pid}_typed`) : `embedded:${folder}/data`
  const { GOOSE_URI, GOOSE_CONNECTION, GOOSE_KEYS, FORCE_COLOR, COLUMNS, ...inherited } = process.env
  const bin = join(folder, 'bin')
  const own = { CI: undefined, NO_COLOR: '1', GOOSE_PAGER: '', GOOSE_ACTOR: 'ada', npm_config_loglevel: 'error' }
  let env: NodeJS.ProcessEnv = { ...inherited, ...own, PATH: bin + delimiter + process.env.PATH, MONGODB_URI: uri }

  // The folder as somebody copies it, with goose installed from its package.
  beforeAll(() => {
    const program = copyExample('shop', project)
    mkdirSync(bin)
    writeFileSync(join(bin, 'goose'), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, { mode: 0o755 })
  }, 240_000)
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await drop(uri)
  })

  test('all.ts runs every topic, on the database that MONGODB_URI names', () => {
    const { stdout, stderr, status } = inShell('npx jiti all.ts', { cwd: project, env })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout.trim()).toBe(topics.map(({ topic, printed }) => `== ${topic}\n${printed}`).join('\n\n'))
  }, 120_000)

  test('every command of the README prints what it says there', { timeout: 240_000 }, async () => {
    const played: Typed[] = []
    for (const typed of all) played.push(isTopic(typed) ? typed : { ...typed, printed: await type(typed.command) })
    if (process.env.UPDATE_TRANSCRIPTS) writeFileSync(readme, written(readFileSync(readme, 'utf8'), played))
    else expect(played.map(stable)).toEqual(all.map(stable))
  })

  /** Types a command on a terminal; what it exports holds for those after it. */
  async function type(command: string): Promise<string> {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(command) ?? []
    if (name) {
      env = { ...env, [name]: inShell(`printf %s ${value}`, { cwd: project, env }).stdout }
      return ''
    }
    if (!command.includes('goose ')) return inShell(command, { cwd: project, env }).stdout.trim()
    const terminal = openTerminal(['/bin/sh', '-c', command], { cwd: project, env, columns: 100 })
    const status = await terminal.ended
    const shown = terminal.shown
      .replace(/.*\(Ctrl-C: stop after this batch\)/g, '')
      .replaceAll('\r', '')
      .replace(/^\s*\n/gm, '')
    return `${shown.trim()}${status === 0 ? '' : `\n[${status}]`}`
  }

  test('the crontab does its work without a word', () => {
    const [, crontab = ''] = /```crontab\n([\s\S]*?)```/.exec(readFileSync(readme, 'utf8')) ?? []
    const lines = crontab.split('\n').filter(line => /^\d/.test(line))
    expect(lines).toHaveLength(3)
    writeFileSync(join(folder, 'keys'), String(env.GOOSE_KEYS))
    for (const line of lines) {
      const command = line.replace(/^(\S+ ){5}/, '').replace('/srv/shop', project)
      const cron = { HOME: folder, PATH: `${bin}:/usr/bin:/bin`, MONGODB_URI: uri }
      const { stdout, stderr, status } = inShell(command.replace('cat keys', `cat ${folder}/keys`), {
        cwd: '/',
        env: cron,
      })
      expect([command, stdout, stderr, status]).toEqual([command, '', '', 0])
    }
  })
})

/** The commands of a page in their order, each with what the page says it prints. */
function commandsOf(page: string): readonly Typed[] {
  const blocks = [...page.matchAll(/```console\n([\s\S]*?)```/g)].map(([, block]) => block!)
  return blocks.flatMap(block =>
    block
      .split(/^\$ /m)
      .filter(Boolean)
      .map(text => {
        const [command = '', ...printed] = text.split('\n')
        return { command, printed: printed.join('\n').trim() }
      }),
  )
}

/** The page with what its commands print now. */
function written(page: string, played: readonly Typed[]): string {
  const left = [...played]
  return page.replace(/```console\n([\s\S]*?)```/g, (_, block: string) => {
    const count = commandsOf(`\`\`\`console\n${block}\`\`\``).length
    const texts = left.splice(0, count).map(({ command, printed }) => `$ ${command}\n${printed ? `${printed}\n` : ''}`)
    return `\`\`\`console\n${texts.join('')}\`\`\``
  })
}

/** Takes out what differs from run to run and between servers: ids, times, durations, plans. */
function stable({ command, printed }: Typed): Typed {
  const text = printed
    .replace(/\b(run|op)_\w+/g, '$1_ID')
    .replace(/\b[0-9a-f]{24}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/…[0-9a-f]{6} /g, '…ID     ')
    .replace(/^TIME .*$/gm, 'TIME …')
    .replace(/\d+ ms · (index \S+|no index used)/g, 'N ms · INDEX')
    .replace(/ +$/gm, '')
  return { command, printed: text }
}

function inShell(command: string, { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
  return spawnSync('/bin/sh', ['-c', command], { cwd, env, input: '', encoding: 'utf8' })
}

function within(uri: string, database: string): string {
  const url = new URL(uri)
  url.pathname = `/${database}`
  return url.href
}

async function drop(uri: string): Promise<void> {
  if (uri.startsWith('embedded:')) return
  const client = await MongoClient.connect(uri)
  await client.db().dropDatabase()
  await client.close()
}
