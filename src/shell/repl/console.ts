// The console at a terminal: lines are evaluated and shown, dot commands run, Tab completes, Ctrl-C stops.
import type { REPLServer } from 'node:repl'
import { askBy } from '../consent.ts'
import { pageFor } from '../terminal.ts'
import { Desk } from './desk.ts'
import { gooseCommands, ownCommands, runGooseCommand, wordsOf } from './dot-commands.ts'
import { Evaluation, type Outcome } from './evaluation.ts'
import { helpText } from './help.ts'
import { History, historyFile } from './history.ts'
import { askWith, wireKeys } from './keyboard.ts'
import type { OpenedConsole } from './opening.ts'
import { errorText, type Look } from './outcome.ts'
import { hasChanged, loadProject, loadRc, type RcFile } from './project.ts'
import { greetingOf, promptOf } from './prompt.ts'
import { hiddenModels, scopeOf } from './scope.ts'
import { type Machine, startMachine } from './server.ts'

/** Runs the console until it is left; gives the exit code. */
export async function runConsole(opened: OpenedConsole): Promise<number> {
  const page = await pageFor({ ...opened.flags, output: 'table', json: false, 'no-pager': true })
  const look: Look = { format: 'table', depth: 3, width: 80, style: page.style }
  const { session, about } = opened
  process.stdout.write(`${greetingOf(session, opened.project.models, about)}\n`)
  for (const failure of opened.project.failures) process.stdout.write(`${errorText(failure, page.style)}\n`)
  const machine = startMachine({ prompt: '', terminal: true, preview: false })
  const { server } = machine
  const evaluation = new Evaluation(machine.native, session)
  const typed = server as unknown as { readonly history: string[] }
  const history = new History(typed.history, historyFile(opened.workspace.root, session.address.name))
  const state = { project: opened.project, isTold: false, rc: undefined as RcFile | undefined }
  const desk: Desk = new Desk({
    workspace: opened.workspace,
    session,
    evaluation,
    models: opened.project.models,
    context: server.context,
    page,
    look,
    width: () => process.stdout.columns || 80,
    say: text => void process.stdout.write(`${page.style.faint(text)}\n`),
    history: () => history.entries,
    rc: () => state.rc,
    reload: async () => {
      state.project = await loadProject(opened.workspace, opened.flags.models)
      state.isTold = false
      for (const failure of state.project.failures) process.stdout.write(`${errorText(failure, page.style)}\n`)
      fillScope(server, scopeOf(session, state.project.models))
      return state.project.models
    },
  })
  fillScope(server, scopeOf(session, opened.project.models))
  for (const name of hiddenModels(opened.project.models))
    desk.say(`${name} is a word of JavaScript: the model is models.${name}`)
  const tellChanges = () => {
    if (state.isTold || !hasChanged(state.project)) return
    state.isTold = true
    desk.say('a model file has changed: .reload loads the models again')
  }
  const open = wire(machine, { desk, history, style: look.style, tellChanges })
  if (!opened.flags['no-rc']) state.rc = await runRc(opened, server, look)
  open()
  await new Promise<void>(left => server.on('exit', () => left()))
  return 0
}

interface Wiring {
  readonly desk: Desk
  readonly history: History
  readonly style: Look['style']
  tellChanges(): void
}

/** Puts goose's evaluation, commands, completion and Ctrl-C into Node's REPL; gives what lets lines in. */
function wire({ server }: Machine, { desk, history, style, tellChanges }: Wiring): () => void {
  let shown = ''
  const refresh = () => server.setPrompt(promptOf(desk.session, style))
  const settle = (outcome: Outcome, text: string | undefined) => {
    shown = text ?? ''
    if (outcome.kind === 'stopped') server.output.write(`${shown}\n`)
  }
  const evaluate = async (code: string, file: string, done: (error: Error | null, value?: unknown) => void) => {
    if (code.trim() === 'it') {
      history.keep(code)
      await desk.more().catch(error => void server.output.write(`${errorText(error, style)}\n`))
      return done(null, undefined)
    }
    try {
      const { outcome, text } = await desk.outcomeOf(code, file)
      if (outcome.kind === 'more') return done(outcome.error)
      settle(outcome, text)
      history.keep(code)
      tellChanges()
      refresh()
      done(null, 'value' in outcome ? outcome.value : undefined)
    } catch (error) {
      history.keep(code)
      Object.assign(server, { lastError: error })
      server.output.write(`${errorText(error, style)}\n`)
      refresh()
      done(null, undefined)
    }
  }
  Object.assign(server, {
    eval: (code: string, _context: unknown, file: string, done: (error: Error | null, value?: unknown) => void) =>
      inTurn(() => evaluate(code, file, done)),
    writer: () => shown,
  })
  const inTurn = lineByLine(server)
  const act = async (run: () => Promise<void>) => {
    try {
      const outcome = await desk.evaluation.act(run)
      if (outcome.kind === 'stopped') server.output.write(`${await desk.textOf(outcome)}\n`)
    } catch (error) {
      server.output.write(`${errorText(error, style)}\n`)
    }
    refresh()
    server.displayPrompt()
  }
  defineCommands(server, { desk, history }, run => inTurn(() => act(run)))
  wireKeys(server, desk, style)
  askBy(question => askWith(server, question))
  return () =>
    inTurn(async () => {
      refresh()
      server.displayPrompt()
    })
}

// What is typed ahead waits for what runs: a line may belong to the one before. Nothing is taken in before the first turn.
function lineByLine(server: REPLServer): (work: () => Promise<void>) => void {
  const native = server.listeners('line') as ((line: string) => void)[]
  const waiting: string[] = []
  let isBusy = true
  const next = () => {
    while (!isBusy && waiting.length > 0) {
      const line = waiting.shift() ?? ''
      for (const take of native) take.call(server, line)
    }
  }
  server.removeAllListeners('line')
  server.on('line', line => {
    waiting.push(line)
    next()
  })
  return work => {
    isBusy = true
    void work().finally(() => {
      isBusy = false
      next()
    })
  }
}

function defineCommands(
  server: REPLServer,
  { desk, history }: Pick<Wiring, 'desk' | 'history'>,
  act: (run: () => Promise<void>) => void,
): void {
  const define = (name: string, help: string, run: (words: string) => Promise<void>) =>
    server.defineCommand(name, {
      help,
      action(words) {
        this.clearBufferedCommand()
        history.keepTyped()
        act(() => run(words))
      },
    })
  for (const [name, command] of Object.entries(ownCommands))
    define(name, command.help, words => command.run(words, desk))
  for (const name of gooseCommands())
    define(name, `goose ${name}`, words => runGooseCommand([name, ...wordsOf(words)], desk))
  define('help', 'Show this help.', async () => desk.print(helpText()))
}

function fillScope(server: REPLServer, scope: ReadonlyMap<string, unknown>): void {
  for (const [name, value] of scope)
    Object.defineProperty(server.context, name, { value, writable: true, configurable: true, enumerable: true })
}

async function runRc({ workspace, flags }: OpenedConsole, server: REPLServer, look: Look): Promise<RcFile | undefined> {
  try {
    return await loadRc(workspace.root, server.context as Record<string, unknown>)
  } catch (error) {
    process.stdout.write(`${errorText(error, look.style)}\n`)
    if (flags.debug) process.stderr.write(`${String((error as Error).stack)}\n`)
    return undefined
  }
}
