// The console of goose for tests: opened on a terminal, typed at line by line, and left.
import { join } from 'node:path'
import { expect } from 'vitest'
import type { CliProject } from './cli.ts'
import { keys, type Terminal, type TerminalOptions } from './terminal.ts'

/** A console that takes a line once its prompt is there. */
export interface OpenConsole {
  readonly terminal: Terminal
  /** Types a line, and gives what is shown up to the next prompt. */
  type(line: string): Promise<string>
  /** Leaves by Ctrl-D. */
  leave(): Promise<void>
}

/** Opens the console of a project; its history lies in the project's folder. */
export async function openConsole(
  project: CliProject,
  args: readonly string[] = [],
  options: Partial<TerminalOptions> = {},
): Promise<OpenConsole> {
  const terminal = project.terminal(['repl', ...args], {
    columns: 120,
    rows: 40,
    ...options,
    env: { XDG_STATE_HOME: join(project.folder, 'state'), NO_COLOR: '1', ...options.env },
  })
  await terminal.sees(/goose\(.*\)> /)
  return {
    terminal,
    type: line => {
      terminal.press(line, keys.enter)
      return terminal.sees(/\ngoose\(.*?\)> /)
    },
    leave: async () => {
      terminal.press(keys.ctrlD)
      expect(await terminal.ended).toBe(0)
    },
  }
}
