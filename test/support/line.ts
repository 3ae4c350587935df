// Command lines run in this process: as quick as a call, with what they print and the code they end with.
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, vi } from 'vitest'
// @ts-expect-error the build is plain JavaScript
import { commandFiles, commandId } from '../../scripts/build.mjs'
import { main } from '../../src/shell/main.ts'
import type { CliProject, Run } from './cli.ts'

const root = resolve(import.meta.dirname, '../..')
const commands = Object.fromEntries(
  commandFiles().map((file: string) => [commandId(file), () => import(join(root, 'src/commands', file))]),
)

/** Runs command lines in the folder of a project; call it at the top of a test file. */
export function useLines(project: CliProject): (argv: readonly string[]) => Promise<Run> {
  const before = { cwd: process.cwd(), uri: process.env.MONGODB_URI, home: process.env.XDG_CONFIG_HOME }
  const printed = { stdout: '', stderr: '' }
  beforeEach(() => {
    process.chdir(project.folder)
    process.env.MONGODB_URI = project.env.MONGODB_URI
    process.env.XDG_CONFIG_HOME = project.env.XDG_CONFIG_HOME
    for (const name of ['stdout', 'stderr'] as const)
      vi.spyOn(process[name], 'write').mockImplementation(taker(printed, name))
  })
  afterEach(() => {
    vi.restoreAllMocks()
    process.chdir(before.cwd)
    restore('MONGODB_URI', before.uri)
    restore('XDG_CONFIG_HOME', before.home)
  })
  return async argv => {
    Object.assign(printed, { stdout: '', stderr: '' })
    const status = await main(argv, { root, commands })
    return { ...printed, status }
  }
}

function taker(printed: Record<'stdout' | 'stderr', string>, name: 'stdout' | 'stderr') {
  return ((text: string, ...rest: readonly unknown[]) => {
    printed[name] += text
    const done = rest.find(part => typeof part === 'function') as (() => void) | undefined
    done?.()
    return true
  }) as never
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
