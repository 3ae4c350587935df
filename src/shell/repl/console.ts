// The console at a terminal: lines are evaluated and shown, dot commands run, Tab completes, Ctrl-C stops.
import type { REPLServer } from 'node:repl'
import { pageFor } from '../terminal.ts'
import { completionOf } from './completion.ts'
import { Desk } from './desk.ts'
import { gooseCommands, ownCommands, runGooseCommand, wordsOf } from './dot-commands.ts'
import { Evaluation, type Outcome } from './evaluation.ts'
import { helpText } from './help.ts'
import { historyFile, joinEntry, keepHistory } from './history.ts'
import type { OpenedConsole } from './opening.ts'
import { errorText, type Look } from './outcome.ts'
import { hasChanged, loadProject, loadRc } from './project.ts'
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
  const machine = startMachine({ prompt: promptOf(session, page.style), terminal: true, preview: false })
  const { server } = machine
  const evaluation = new Evaluation(machine.native, session)
  const state = { project: opened.project, isTold: false }
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
    history: () => historyOf(server),
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
  wire(machine, { desk, evaluation, style: look.style, tellChanges })
  if (!opened.flags['no-rc']) await runRc(opened, server, look)
  await keepHistory(server, historyFile(opened.workspace.root, session.address.name))
  await new Promise<void>(left => server.on('exit', () => left()))
  return 0
}

interface Wiring {
  readonly desk: Desk
  readonly evaluation: Evaluation
  readonly style: Look['style']
  tellChanges(): void
}

/** Puts goose's evaluation, commands, completion and Ctrl-C into Node's REPL. */
function wire({ server }: Machine, { desk, evaluation, style, tellChanges }: Wiring): void {
  let shown = ''
  let lines = 0
  const refresh = () => server.setPrompt(promptOf(desk.session, style))
  const settle = (outcome: Outcome, text: string | undefined) => {
    shown = text ?? ''
    if (outcome.kind === 'stopped') server.output.write(`${shown}\n`)
  }
  const evaluate = async (code: string, file: string, done: (error: Error | null, value?: unknown) => void) => {
    lines += 1
    if (code.trim() === 'it') {
      await desk.more().catch(error => void server.output.write(`${errorText(error, style)}\n`))
      return done(null, undefined)
    }
    try {
      const { outcome, text } = await desk.outcomeOf(code, file)
      if (outcome.kind === 'more') return done(outcome.error)
      settle(outcome, text)
      joinEntry((server as unknown as { history: string[] }).history, lines)
      lines = 0
      tellChanges()
      refresh()
      done(null, 'value' in outcome ? outcome.value : undefined)
    } catch (error) {
      lines = 0
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
  // What is typed ahead waits for what runs.
  let turn = Promise.resolve()
  const inTurn = (work: () => Promise<void>) => {
    turn = turn.then(work)
  }
  const act = async (run: () => Promise<void>) => {
    try {
      const outcome = await evaluation.act(run)
      if (outcome.kind === 'stopped') server.output.write(`${style.warning('stopped')}\n`)
    } catch (error) {
      server.output.write(`${errorText(error, style)}\n`)
    }
    refresh()
    server.displayPrompt()
  }
  defineCommands(server, desk, run => inTurn(() => act(run)))
  completeWith(server, desk)
  interruptWith(server, evaluation)
}

function defineCommands(server: REPLServer, desk: Desk, act: (run: () => Promise<void>) => void): void {
  const define = (name: string, help: string, run: (words: string) => Promise<void>) =>
    server.defineCommand(name, {
      help,
      action(words) {
        this.clearBufferedCommand()
        act(() => run(words))
      },
    })
  for (const [name, command] of Object.entries(ownCommands))
    define(name, command.help, words => command.run(words, desk))
  for (const name of gooseCommands())
    define(name, `goose ${name}`, words => runGooseCommand([name, ...wordsOf(words)], desk))
  define('help', 'Show this help.', async () => desk.print(helpText()))
}

function completeWith(server: REPLServer, desk: Desk): void {
  type Done = (error: Error | null, result?: readonly [readonly string[], string]) => void
  const holder = server as unknown as { completer: (line: string, done: Done) => void }
  const native = holder.completer
  holder.completer = (line, done) => {
    const found = completionOf(line, desk.models)
    if (found && found.words.length > 0) return done(null, [found.words, found.stem])
    const command = /^\s*\.(\w+)\s+(\w*)$/.exec(line)
    if (command) {
      const names = desk.models.map(model => model.name).filter(name => name.startsWith(command[2] ?? ''))
      return done(null, [names, command[2] ?? ''])
    }
    native.call(server, line, done)
  }
}

// The first Ctrl-C stops what runs; at an empty prompt Node's own rule holds: twice leaves.
function interruptWith(server: REPLServer, evaluation: Evaluation): void {
  const native = server.listeners('SIGINT') as (() => void)[]
  server.removeAllListeners('SIGINT')
  server.on('SIGINT', () => {
    const { isRunning, isInside } = evaluation
    evaluation.interrupt()
    // Where Node itself waits for an await, only its own listener can end that.
    if (isInside || !isRunning) for (const listener of native) listener.call(server)
  })
}

function fillScope(server: REPLServer, scope: ReadonlyMap<string, unknown>): void {
  for (const [name, value] of scope)
    Object.defineProperty(server.context, name, { value, writable: true, configurable: true, enumerable: true })
}

async function runRc({ workspace, flags }: OpenedConsole, server: REPLServer, look: Look): Promise<void> {
  try {
    fillScope(server, await loadRc(workspace.root, server.context as Record<string, unknown>))
  } catch (error) {
    process.stdout.write(`${errorText(error, look.style)}\n`)
    if (flags.debug) process.stderr.write(`${String((error as Error).stack)}\n`)
  }
}

function historyOf(server: REPLServer): readonly string[] {
  return (server as unknown as { history?: readonly string[] }).history ?? []
}
