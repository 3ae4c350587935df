import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'node_modules/.cache/goose-ring')
const size = 100

function modelText(i: number): string {
  const at = (step: number) => `M${(i + step + size) % size}`
  return `export class M${i} extends model('M${i}', {
  name: z.string().min(1), age: z.number().int(), email: z.email(), role: z.enum(['a', 'b']).default('a'),
  active: z.boolean().optional(), at: z.date(), tags: z.array(z.string()).default([]),
  meta: z.object({ score: z.number(), by: ref(() => ${at(3)}) }).optional(),
  next: ref(() => ${at(1)}), prev: ref(() => ${at(-1)}).nullable().default(null), all: z.array(ref(() => ${at(7)})).default([]),
}${i % 2 ? ', { plugins: [timestamps()] }' : ''}) { label() { return this.name } }
export async function query${i}(next: ${at(1)}) {
  const found = await M${i}.find({ name: 'x', next }).populate('next.prev').populate('meta.by').populate('all').sort('-name').first()
  return [found?.next.prev?.label(), found?.meta?.by.name, found?.all[0]?.name]
}`
}

// What a project sees of this package: its declarations.
function declare(): void {
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc')
  const declarations = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', join(folder, '../goose-declarations')]
  spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...declarations])
}

beforeAll(declare, 120_000)

function compile(compiler: string, options: readonly string[] = []): number {
  mkdirSync(folder, { recursive: true })
  const models = Array.from({ length: size }, (_, i) => modelText(i)).join('\n')
  writeFileSync(
    join(folder, 'ring.ts'),
    `import { model, ref, timestamps, z } from '../goose-declarations/index.js'\n${models}\n`,
  )
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['ring.ts'] }),
  )
  const tsc = join(root, 'node_modules', compiler, 'bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics', ...options], {
    encoding: 'utf8',
  })
  expect(stdout.split('\n').filter(line => /ring\.ts\(\d+/.test(line))).toEqual([])
  return Number(/Instantiations:\s+(\d+)/.exec(stdout)?.[1])
}

test('a ring of 100 models costs TypeScript 5.9 less than 450,000 instantiations', { timeout: 120_000 }, () => {
  const count = compile('typescript-5.9')
  expect(count).toBeGreaterThan(50_000)
  expect(count).toBeLessThan(450_000)
})

test('and TypeScript 7 as well', { timeout: 120_000 }, () => {
  const count = compile('typescript-7', ['--singleThreaded'])
  expect(count).toBeGreaterThan(50_000)
  expect(count).toBeLessThan(450_000)
})
