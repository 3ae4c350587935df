// Starts Node's own REPL for what it does with keys and lines; what they mean is decided elsewhere.
import { type REPLServer, start } from 'node:repl'
import { mostEntries } from './history.ts'

/** Starts a REPL at the terminal of this process. */
export function startServer(): REPLServer {
  return start({
    prompt: '',
    terminal: true,
    preview: false,
    useGlobal: true,
    ignoreUndefined: true,
    // Taken by readline, though the types do not know.
    ...({ historySize: mostEntries } as object),
  })
}
