// Words that are no code: those of the console itself, and those that people bring from other shells.

const words = new Set(['it', 'help', 'exit', 'quit'])

/** Gives the word of the console that a line is, unless the session has something of that name. */
export function wordOf(line: string): string | undefined {
  const word = line.trim().replace(/^(exit|quit|help)\(\)$/, '$1')
  return words.has(word) && !(word in globalThis) ? word : undefined
}

/** Says whether a word ends the console. */
export function isLeaving(word: string): boolean {
  return word === 'exit' || word === 'quit'
}

const elsewhere: readonly (readonly [RegExp, (...parts: readonly string[]) => string])[] = [
  [/^show\s+(collections|tables)\b/, () => '.models lists the models, db.getCollectionNames() the collections'],
  [/^show\s+(dbs|databases)\b/, () => 'db.admin().listDatabases() lists them'],
  [
    /^use\s+(\S+)/,
    (_, name = '') => `db.getSiblingDB('${name}') is that database; goose repl --db ${name} begins there`,
  ],
  [/^show\s/, () => '.help says what can be asked'],
]

/** Says what to type here for a line of another shell that is no JavaScript. */
export function hintFor(line: string): readonly string[] {
  for (const [form, hint] of elsewhere) {
    const found = form.exec(line.trim())
    if (found) return [hint(...found)]
  }
  return []
}
