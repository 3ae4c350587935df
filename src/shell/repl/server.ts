// Starts Node's own REPL as a machine for evaluation and editing, without the parts that get in the way.
import { Domain } from 'node:domain'
import { type REPLServer, type ReplOptions, start } from 'node:repl'
import type { NativeEval } from './evaluation.ts'
import { mostEntries } from './history.ts'

/** A REPL of Node's, with its evaluation as it is without domains. */
export interface Machine {
  readonly server: REPLServer
  readonly native: NativeEval
}

/** Starts a REPL that works on the globals of this process, so that dates and lists are those of the models. */
export function startMachine(options: ReplOptions): Machine {
  // Node binds the evaluation to a domain, which swallows what is thrown and prints it in Node's words.
  const { bind } = Domain.prototype
  Domain.prototype.bind = evaluate => evaluate
  try {
    const server = start({
      useGlobal: true,
      breakEvalOnSigint: options.terminal === true,
      ignoreUndefined: true,
      // Taken by readline, though the types do not know.
      ...({ historySize: mostEntries } as object),
      ...options,
    })
    const own = server.eval
    const native: NativeEval = (code, context, file, done) => {
      try {
        own.call(server, code, context, file, done)
      } catch (error) {
        done(error as Error)
      }
    }
    return { server, native }
  } finally {
    Domain.prototype.bind = bind
  }
}
