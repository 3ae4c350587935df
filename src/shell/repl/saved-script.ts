// The lines of a session as a maintenance script for `goose run`.
import type { LoadedModel } from '../models.ts'

/** What a saved script says of the session it comes from. */
export interface SavedScript {
  readonly reason?: string | undefined
}

/** Writes lines as a script: one job, each line a statement in the order it was typed. */
export function scriptOf(lines: readonly string[], models: readonly LoadedModel[], { reason }: SavedScript): string {
  const body = lines.join('\n')
  const used = models.map(model => model.name).filter(name => new RegExp(`\\b${name}\\b`).test(body))
  const words = helpers.filter(name => new RegExp(`\\b${name}\\b`).test(body))
  const statements = lines.flatMap(line => line.split('\n')).map(line => `    ${awaited(line)}`)
  return [
    `// ${reason ? oneLine(reason) : 'Saved from a session of goose repl.'}`,
    `import { defineJob${words.length > 0 ? `, ${words.join(', ')}` : ''} } from 'goose-odm'`,
    '',
    'export default defineJob({',
    "  name: 'saved-session',",
    '  async run({ models }) {',
    ...(used.length > 0 ? [`    const { ${used.join(', ')} } = models`] : []),
    ...statements,
    '  },',
    '})',
    '',
  ].join('\n')
}

/** Names of the console that goose-odm gives to scripts too. */
const helpers = ['ObjectId', 'UUID', 'Binary', 'Decimal128', 'Long', 'transaction', 'outside', 'connect']

// The console awaits by itself; a script must say so.
function awaited(line: string): string {
  const trimmed = line.trim()
  const isCall =
    /^[\w$.]+\(.*\)$/s.test(trimmed) && !/^(await|return|const|let|var|if|for|while|function|class)\b/.test(trimmed)
  return isCall ? `await ${trimmed}` : trimmed
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
