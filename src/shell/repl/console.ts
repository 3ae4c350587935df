// The console at a terminal: opens, takes lines until it is left, and leaves nothing open on the server.
import { askBy } from '../consent.ts'
import type { Page } from '../output/page.ts'
import { pageFor } from '../terminal.ts'
import { Desk } from './desk.ts'
import { Evaluation } from './evaluation.ts'
import { History, historyFile } from './history.ts'
import { askWith, wireKeys } from './keyboard.ts'
import { untilLeft } from './leaving.ts'
import { Lines } from './lines.ts'
import type { OpenedConsole } from './opening.ts'
import { errorText } from './outcome.ts'
import { hasChanged, loadProject, loadRc, type RcFile } from './project.ts'
import { greetingOf } from './prompt.ts'
import { hiddenModels, scopeOf } from './scope.ts'
import { Screen } from './screen.ts'
import { startServer } from './server.ts'
import { Watchdog } from './watchdog.ts'

/** Runs the console until it is left; gives the exit code. */
export async function runConsole(opened: OpenedConsole): Promise<number> {
  const page = await pageFor({ ...opened.flags, output: 'table', json: false, 'no-pager': true })
  const { session, names, workspace } = opened
  const { style } = page
  process.stdout.write(`${greetingOf(session, opened.project.models, opened.about)}\n`)
  for (const failure of [...opened.project.failures, ...opened.notices]) tell(failure, page)
  const server = startServer()
  // Node's REPL has given its own.
  names.provideModules()
  const watchdog = new Watchdog(() => evaluation.interrupt())
  const evaluation: Evaluation = new Evaluation({ names, session, isBreakable: true, watchdog })
  const screen = new Screen(server)
  const typed = server as unknown as { readonly history: string[] }
  const history = new History(typed.history, historyFile(workspace.root, session.address.name))
  const state = { project: opened.project, isTold: false, rc: undefined as RcFile | undefined }
  const desk: Desk = new Desk({
    ...{ workspace, session, evaluation, page },
    look: { format: 'table', depth: 3, width: 80, style },
    width: () => process.stdout.columns || 80,
    say: text => screen.show(style.faint(text)),
    history: () => history.entries,
    rc: () => state.rc,
    loader: () => state.project.loader,
    reload: async () => {
      state.project = await loadProject(workspace, opened.flags.models)
      state.isTold = false
      session.models = state.project.models
      Object.assign(opened, { project: state.project })
      for (const failure of state.project.failures) tell(failure, page)
      for (const [name, value] of scopeOf(session, session.models)) names.define(name, value)
    },
  })
  for (const name of hiddenModels(session.models))
    desk.say(`${name} is a word of JavaScript: the model is models.${name}`)
  const tellChanges = () => {
    if (state.isTold || !hasChanged(state.project)) return
    state.isTold = true
    desk.say('a model file has changed: .reload loads the models again')
  }
  const lines = new Lines(server, { desk, history, screen, style, tellChanges })
  wireKeys(server, { desk, names, style })
  askBy(question => askWith(server, question))
  const left = untilLeft(server, { session, evaluation, screen, style })
  if (!opened.flags['no-rc']) state.rc = await runRc(opened, page)
  lines.open()
  watchdog.start()
  return left
}

async function runRc({ workspace, project, names, flags }: OpenedConsole, page: Page): Promise<RcFile | undefined> {
  try {
    return await loadRc(workspace.root, project, names.scope)
  } catch (error) {
    tell(error, page)
    if (flags.debug) process.stderr.write(`${String((error as Error).stack)}\n`)
    return undefined
  }
}

function tell(error: unknown, { style }: Page): void {
  process.stdout.write(`${errorText(error, style)}\n`)
}
