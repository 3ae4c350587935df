// Counts what TypeScript 5.9, 6 and 7 instantiate for 100 models in a ring.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { heading, row } from './measure.mjs'

const root = resolve(import.meta.dirname, '..')
const budget = 450_000

export async function countInstantiations() {
  const folder = await mkdtemp(join(import.meta.dirname, '.types-'))
  try {
    await writeFile(join(folder, 'ring.ts'), ring(100))
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    heading('TypeScript instantiations of 100 models in a ring', `budget ${budget.toLocaleString('en')}`)
    for (const compiler of ['typescript-5.9', 'typescript', 'typescript-7']) report(compiler, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    paths: { 'goose-odm': [resolve(root, 'dist/index.d.ts')] },
  },
  files: ['ring.ts'],
}

function ring(count) {
  const models = Array.from({ length: count }, (_, n) => {
    const next = (n + 1) % count
    const second = (n + 7) % count
    return `export class M${n} extends model('M${n}', {
  title: z.string(),
  count: z.number().default(0),
  next: ref(() => M${next}),
  others: z.array(ref(() => M${second})).default([]),
}) {}
export async function use${n}() {
  const found = await M${n}.find({ title: 'x', count: { $gt: 1 } }).populate('next.next').sort('-count').limit(3).all()
  const title: string = found[0]!.next.next.title
  const one = await M${n}.create({ title, next: found[0]!.next })
  one.count = 3
  await one.save()
}`
  })
  return `import { model, ref, z } from 'goose-odm'\n${models.join('\n')}\n`
}

function report(compiler, folder) {
  const single = compiler === 'typescript-7' ? ['--singleThreaded'] : []
  const tsc = resolve(root, 'node_modules', compiler, 'bin/tsc')
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics', ...single], {
    encoding: 'utf8',
  })
  const count = Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1])
  if (status !== 0) row(compiler, 'does not compile', stdout.split('\n').slice(0, 3).join(' | '))
  else row(compiler, count.toLocaleString('en'), count < budget ? '' : 'OVER BUDGET')
}
