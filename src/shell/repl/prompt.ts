// The prompt and the greeting: where one is, and what may happen there.
import type { LoadedModel } from '../models.ts'
import type { Style } from '../output/style.ts'
import type { Session } from './session.ts'

/** Gives the prompt: the connection, and its state where it is not plain writing. */
export function promptOf(session: Session, style: Style): string {
  const { name, isProtected } = session.address
  const state = stateOf(session)
  const paint = (text: string) => (isProtected ? style.error(text) : text)
  // Servers end a transaction after a minute.
  const isOld = session.mode === 'transaction' && session.age >= 45
  return `goose(${paint(name)}${state === '' ? '' : ` ${isOld ? style.warning(state) : paint(state)}`})> `
}

/** Gives the first line: versions, the database, the models, and what is allowed. */
export function greetingOf(
  session: Session,
  models: readonly LoadedModel[],
  about: { readonly version: string; readonly server: string },
): string {
  const { address, connection } = session
  const names = models.map(model => model.name)
  const shown = names.slice(0, 8).join(' ') + (names.length > 8 ? ' …' : '')
  const count =
    names.length === 0
      ? 'no models (`goose init --from-database` writes them)'
      : `${names.length} ${names.length === 1 ? 'model' : 'models'}: ${shown}`
  const state =
    session.mode === 'read-only'
      ? `READ-ONLY${address.isProtected ? ' (protected)' : ''}`
      : session.mode === 'sandbox'
        ? 'SANDBOX'
        : ''
  return [
    `goose ${about.version}`,
    `${address.name} (${connection.db.databaseName}, ${about.server})`,
    count,
    state,
    '.help',
  ]
    .filter(Boolean)
    .join(' · ')
}

function stateOf(session: Session): string {
  if (session.mode === 'read-only') return 'ro'
  if (session.mode === 'sandbox') return session.sandbox.lines.length > 0 ? 'sandbox*' : 'sandbox'
  return session.mode === 'transaction' ? `tx ${session.age}s` : ''
}
