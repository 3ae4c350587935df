// What Tab offers behind a dot: the console's commands, and for goose's own what a shell offers.
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Desk } from './desk.ts'
import { modelWords, ownCommands } from './dot-commands.ts'
import type { Names } from './names.ts'

/** Gives the candidates of a whole command line of goose: the words so far, the last of which is being typed. */
export type CommandLines = (words: readonly string[]) => readonly (readonly [word: string, meaning: string])[]

/** Candidates for the word that ends a line, and the part of the line that they would replace. */
export interface Candidates {
  readonly words: readonly string[]
  readonly stem: string
}

/** What completion looks into; no database is asked, and no code is run. */
export interface CompletionSetting {
  readonly desk: Pick<Desk, 'models'>
  readonly names: Pick<Names, 'scope' | 'all'>
  /** The dot commands there are. */
  commands(): readonly string[]
  readonly commandLines: CommandLines
}

/** Completes a line that begins with a dot; or gives the code that it goes on with. */
export function completeCommand(
  line: string,
  { desk, commands, commandLines }: CompletionSetting,
): Candidates | { readonly code: string } {
  const [, name, rest] = /^\.(\w*)(?:\s+(.*))?$/s.exec(line) ?? []
  if (name === undefined) return { words: [], stem: '' }
  if (rest === undefined) return starting(commands(), name)
  const stem = /\S*$/.exec(rest)?.[0] ?? ''
  const models = desk.models.map(model => model.name)
  if (name === 'time' || (name === 'explain' && !modelWords.test(rest))) return { code: rest }
  if (name === 'schema') return starting(models, stem)
  if (name === 'tx') return starting(['commit', 'abort'], stem)
  if (name === 'help') return starting(commands(), stem)
  if (name === 'load' || name === 'save') return starting(filesAt(stem), stem)
  if (name in ownCommands && name !== 'explain' && name !== 'undo') return { words: [], stem }
  const words = commandLines([name, ...rest.split(/\s+/)]).map(([word]) => word)
  return starting(name === 'explain' ? [...words, ...models] : words, stem)
}

function starting(words: readonly string[], stem: string): Candidates {
  return { words: [...new Set(words)].filter(word => word.startsWith(stem)).toSorted(), stem }
}

function filesAt(stem: string): readonly string[] {
  const folder = stem.includes('/') ? `${dirname(`${stem}x`)}/`.replace('//', '/') : ''
  try {
    return readdirSync(folder || '.', { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
      .map(entry => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
  } catch {
    return []
  }
}
