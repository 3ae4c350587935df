// The names of a session, as globals of this process, and programs that are run among them.
import { builtinModules, createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { GooseError } from '../../errors.ts'
import { consoleName, type RunnableProgram } from './program.ts'
import { StoppedLine } from './wire.ts'

/** What names are made with. */
export interface NamesSetting {
  /** The folder that modules are looked for from. */
  readonly root: string
  importModule(name: string): Promise<unknown>
}

/** What a program is run with. */
export interface Running {
  /** Where the program says it comes from. */
  readonly file: string
  /** Whether Ctrl-C ends it while it does not wait for anything. */
  readonly isBreakable?: boolean
  /** Says whether its loops are to end. */
  isStopped?(): boolean
}

const KEY = Symbol.for('goose.console')
const own = new Set(Object.getOwnPropertyNames(globalThis))

/** The names that lines share. They are those of the process, so that dates and lists are those of the models;
 * a name that the process needs itself is shadowed for the lines alone. */
export class Names {
  readonly #shadows: Record<string, unknown> = Object.create(null)
  readonly #importModule: (name: string) => Promise<unknown>
  readonly #root: string
  /** What names are read from and written to. */
  readonly scope: Record<string, unknown>

  constructor({ root, importModule }: NamesSetting) {
    this.#importModule = importModule
    this.scope = new Proxy(globalThis as unknown as Record<string, unknown>, {
      get: (globals, name) => (name in this.#shadows ? this.#shadows[name as string] : globals[name as string]),
      set: (_, name, value) => {
        this.define(name as string, value)
        return true
      },
    })
    this.#root = root
    this.provideModules()
  }

  /** Has modules required, and those of Node at hand by their names. */
  provideModules(): void {
    const require = createRequire(join(this.#root, 'console'))
    this.define(
      'require',
      Object.assign((name: string) => required(require, name), require),
    )
    for (const name of builtinModules.filter(word => /^[a-z]\w*$/.test(word) && !(word in globalThis)))
      Object.defineProperty(globalThis, name, {
        get: () => require(name),
        set: value => this.define(name, value),
        configurable: true,
      })
  }

  /** Gives all names that a line may use. */
  all(): readonly string[] {
    return [...Object.getOwnPropertyNames(globalThis), ...Object.keys(this.#shadows)]
  }

  define(name: string, value: unknown): void {
    const home = own.has(name) ? this.#shadows : globalThis
    Object.defineProperty(home, name, { value, writable: true, configurable: true, enumerable: true })
  }

  /** Runs a program, and gives its value in a box: a promise that is the value is not waited for. */
  async run({ body, names }: RunnableProgram, running: Running): Promise<{ value: unknown }> {
    const { file, isBreakable = false } = running
    for (const name of names) this.#declare(name)
    const script = new Script(this.#source(body), { filename: file, lineOffset: -1 })
    const grip = this.#grip(running)
    Object.defineProperty(globalThis, KEY, { value: () => grip, configurable: true })
    await (isBreakable ? breakable(script) : script.runInThisContext())
    return { value: grip.last }
  }

  #declare(name: string): void {
    if (!(name in (own.has(name) ? this.#shadows : globalThis))) this.define(name, this.scope[name])
  }

  #source(body: string): string {
    const isShadowed = Object.keys(this.#shadows).length > 0
    const [open, close] = isShadowed ? [`with (${consoleName}.shadows) {`, '}'] : ['', '']
    return `(async () => { const ${consoleName} = globalThis[Symbol.for('goose.console')](); ${open}\n${body}\n${close}})()`
  }

  // Each program has its own: one that was stopped may go on in the background.
  #grip({ isStopped = () => false }: Running) {
    const grip = {
      last: undefined as unknown,
      value: undefined as unknown,
      shadows: this.#shadows,
      is: (value: unknown) => {
        grip.value = value
        return value instanceof Promise
      },
      keep: (names: Readonly<Record<string, unknown>>) => {
        for (const [name, value] of Object.entries(names)) this.define(name, value)
      },
      import: this.#importModule,
      turn: () => {
        if (isStopped()) throw new StoppedLine()
      },
    }
    return grip
  }
}

// A second copy of the driver would not be looked after.
function required(require: NodeJS.Require, name: string): unknown {
  if (name !== 'mongodb') return require(name)
  const hint = "import { ObjectId } from 'mongodb'"
  throw new GooseError('USAGE', {
    reason: 'require gives another copy of the driver than the console works with',
    hint,
  })
}

// The terminal turns Ctrl-C into a signal only while it is not raw.
function breakable(script: Script): unknown {
  const { stdin } = process
  const isRaw = stdin.isRaw === true
  if (isRaw) stdin.setRawMode(false)
  try {
    return script.runInThisContext({ breakOnSigint: true })
  } finally {
    if (isRaw) stdin.setRawMode(true)
  }
}
