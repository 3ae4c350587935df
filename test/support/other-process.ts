// Runs a program beside the test in a process of its own, with the sources of goose built in.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'node_modules/.goose-test')

export interface OtherProcess {
  readonly pid: number
  /** the lines it printed so far */
  readonly lines: readonly string[]
  /** Waits for a line that begins so. */
  line(start: string): Promise<string>
  /** Writes to its standard input. */
  write(text: string): void
  /** Ends it at once, as a crash does. */
  kill(signal?: NodeJS.Signals): void
  /** Waits for its end, and gives its exit code. */
  readonly ended: Promise<number | null>
}

/** Builds a program of TypeScript text, with `startEmbedded` and the driver at hand, to be run many times. */
export async function programOf(name: string, text: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${name}-${process.pid}.mjs`)
  const contents = `import { MongoClient } from 'mongodb'
import { startEmbedded } from '${join(root, 'src/embedded/index.ts')}'
const [path = '', ...given] = process.argv.slice(2)
${text}`
  await build({
    stdin: { contents, loader: 'ts', resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['mongodb', 'lmdb'],
    logLevel: 'error',
  })
  process.once('exit', () => rmSync(outfile, { force: true }))
  return outfile
}

export function runBeside(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): OtherProcess {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', line => lines.push(line))
  const ended = new Promise<number | null>(end => child.once('close', end))
  return {
    pid: child.pid!,
    lines,
    line: start => lineOf(lines, reader, { start, ended }),
    write: text => void child.stdin.write(text),
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    ended,
  }
}

function lineOf(
  lines: readonly string[],
  reader: ReturnType<typeof createInterface>,
  { start, ended }: { readonly start: string; readonly ended: Promise<unknown> },
): Promise<string> {
  return new Promise((found, missing) => {
    const look = () => {
      const line = lines.find(one => one.startsWith(start))
      if (line !== undefined) found(line)
    }
    look()
    reader.on('line', look)
    void ended.then(() => missing(new Error(`the process ended without a line ${start}`)))
  })
}
