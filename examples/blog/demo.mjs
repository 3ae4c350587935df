// Fills an embedded database with the blog, then types four commands and shows what they print: npm run demo.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect, disconnect } from 'goose-odm'
import { createJiti } from 'jiti'

const here = import.meta.dirname
const goose = resolve(here, '../../bin/run.js')
const terminal = process.stdout.isTTY

/** Whatever database the environment names, the demo fills only its own folder. */
const { MONGODB_URI, GOOSE_URI, GOOSE_CONNECTION, ...env } = process.env

const commands = [
  'goose models',
  'goose find Post --populate author --sort -createdAt',
  'goose find Post --where published=true --where views>=500 --sort -views --select title,views,tags',
  'goose find Comment --populate post,by --sort -likes --select text,likes,by,post --limit 3',
  'goose count Post --where published=true',
]

await fill()
for (const command of commands) run(terminal ? command : `${command} -o table`)
console.log(`\nThe data is in examples/blog/.goose. Go on from there:
$ cd examples/blog
$ node ../../bin/run.js find User`)

async function fill() {
  rmSync(join(here, '.goose'), { recursive: true, force: true })
  await connect(`embedded:${join(here, '.goose/data')}`)
  const { seed } = await createJiti(import.meta.url).import('./seed.ts')
  const made = await seed()
  await disconnect()
  const counts = Object.entries(made).map(([what, count]) => `${count} ${what}`)
  console.log(`An embedded database in examples/blog/.goose with ${counts.join(', ')}.`)
}

function run(command) {
  console.log(`\n$ ${command}`)
  const { status } = spawnSync(process.execPath, [goose, ...command.split(' ').slice(1)], {
    cwd: here,
    env,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
