// Measures the console as a person meets it: keys and screen of a pseudo-terminal, the package as it is installed.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { withDatabase } from './contestants.mjs'
import { install } from './installed.mjs'
import { heading, median, race, row } from './measure.mjs'

const { spawn } = createRequire(resolve(import.meta.dirname, '../package.json'))('@lydell/node-pty')
const here = import.meta.dirname
const mongosh = resolve(here, 'node_modules/mongosh/bin/mongosh.js')

export async function measureConsole(server) {
  const uri = withDatabase(server, `goose_bench_${process.pid}`)
  const { program, remove } = install()
  const folder = mkdtempSync(join(tmpdir(), 'goose-bench-console-'))
  cpSync(join(here, 'project'), folder, { recursive: true })
  try {
    await comparePrompts({ program, folder, uri })
    await measureTab({ program, folder, uri })
  } finally {
    rmSync(folder, { recursive: true, force: true })
    remove()
  }
}

async function comparePrompts({ program, folder, uri }) {
  // The first session on a machine compiles what later ones find compiled; it ends as people end it.
  await session([program, 'repl'], folder, uri)
  const until = (args, prompt) => async () => {
    const terminal = open(args, folder, uri)
    await terminal.sees(prompt)
    await terminal.end()
  }
  await race(
    'from the command line to the prompt, blog models',
    [
      { name: 'bare driver script that connects', run: until([`${here}/scripts/connect.mjs`], /ready .*> /) },
      { name: 'goose', run: until([program, 'repl'], /goose\(.*?\)> /) },
      ...(existsSync(mongosh)
        ? [{ name: 'mongosh', run: until([mongosh, '--norc', uri], /\] goose_bench_\d+> |test> /) }]
        : []),
    ],
    { rounds: 21, target: 2 },
  )
}

async function session(args, folder, uri) {
  const terminal = open(args, folder, uri)
  await terminal.sees(/goose\(.*?\)> /)
  terminal.write('\u0004')
  await terminal.ended
}

const questions = [
  // Where several fit, the second Tab lists them.
  ['a model', 'Model4', 'Model42', true],
  ['a method', 'Model42.findO', 'ne'],
  ['a path in a filter', 'Model42.find({ labe', 'l42'],
  ['a path of what is referred to', "Model42.find().populate('nex", 't'],
  ['an operator', 'Model42.find({ count: { $elem', 'Match'],
  ['a value', "Model42.find({ state: 'publ", 'ished'],
  ['a flag of a command', '.find Model42 --popu', 'late'],
]

async function measureTab({ program, folder, uri }) {
  manyModels(join(folder, 'models'), 100)
  const terminal = open([program, 'repl'], folder, uri)
  await terminal.sees(/goose\(.*?\)> /)
  heading('Tab with 100 models, from the key to the screen', 'median and worst of 15; target < 50 ms')
  for (const [name, typed, expected, areSeveral] of questions) {
    const times = []
    for (let round = 0; round < 15; round++) {
      terminal.write(typed)
      await terminal.rests()
      if (areSeveral) {
        terminal.write('\t')
        await terminal.rests()
      }
      const start = performance.now()
      terminal.write('\t')
      await terminal.sees(expected)
      times.push(performance.now() - start)
      await terminal.rests()
      terminal.write('\u0015')
      await terminal.rests()
    }
    row(name, `${median(times).toFixed(1)} ms`, `worst ${Math.max(...times).toFixed(1)} ms`)
  }
  await terminal.end()
}

function manyModels(folder, count) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (let number = 0; number < count; number++)
    writeFileSync(
      join(folder, `model-${number}.ts`),
      `import { model, ref, z } from 'goose-odm'
import { Model${(number + 1) % count} } from './model-${(number + 1) % count}.ts'
export class Model${number} extends model('Model${number}', {
  label${number}: z.string(), count: z.int(), state: z.enum(['draft', 'published']), next: ref(() => Model${(number + 1) % count}),
  place: z.object({ city: z.string(), zip: z.string() }), tags: z.array(z.string()), at: z.date(),
}) {}
`,
    )
}

/** Runs a program on a terminal of its own. */
function open(args, cwd, uri) {
  const env = { ...process.env, MONGODB_URI: uri, NO_COLOR: '1', XDG_STATE_HOME: join(cwd, 'state'), CI: '' }
  const child = spawn(process.execPath, args, { cols: 120, rows: 40, cwd, env })
  let shown = ''
  let look = () => {}
  child.onData(text => {
    shown += text
    look()
  })
  const ended = new Promise(end => child.onExit(end))
  return {
    ended,
    write: text => child.write(text),
    /** Waits for a text that comes after all that was waited for before. */
    sees: text =>
      new Promise((found, missing) => {
        const timer = setTimeout(() => missing(new Error(`no ${text} in:\n${shown}`)), 30_000)
        look = () => {
          const is = typeof text === 'string' ? shown.includes(text) : text.test(shown)
          if (!is) return
          clearTimeout(timer)
          look = () => {}
          shown = ''
          found()
        }
        look()
      }),
    /** Waits until nothing is written any more, and forgets what was. */
    rests: async () => {
      for (let before = -1; before !== shown.length; await new Promise(next => setTimeout(next, 30)))
        before = shown.length
      shown = ''
    },
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
