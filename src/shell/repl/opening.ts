// Opens a session of the console: connection, models, and what may be written.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GooseError } from '../../errors.ts'
import { connection } from '../../runtime/connection.ts'
import type { Address } from '../address.ts'
import { isAssistant } from '../assistant.ts'
import type { ConsentFlags } from '../consent.ts'
import { requireConsent } from '../consent.ts'
import type { OutputFlags } from '../terminal.ts'
import type { Workspace, WorkspaceFlags } from '../workspace.ts'
import { hideInsides } from './driver-looks.ts'
import { Names } from './names.ts'
import { importIn, type LoadedProject, loadProject } from './project.ts'
import { scopeOf } from './scope.ts'
import { Session } from './session.ts'

/** The flags of repl. */
export interface ReplFlags extends WorkspaceFlags, OutputFlags, ConsentFlags {
  readonly 'read-only'?: boolean | undefined
  readonly sandbox?: boolean | undefined
  readonly write?: string | undefined
  readonly eval?: string | undefined
  readonly file?: string | undefined
  readonly 'no-rc'?: boolean | undefined
}

/** A session ready to take lines. */
export interface OpenedConsole {
  readonly workspace: Workspace
  readonly flags: ReplFlags
  readonly session: Session
  readonly project: LoadedProject
  readonly names: Names
  readonly about: { readonly version: string; readonly server: string }
  /** What could not be had as it was asked for. */
  readonly notices: readonly unknown[]
}

/** Says whether somebody types at a terminal: then there is no code to be run yet. */
export function isAtTerminal({ eval: code, file }: ReplFlags): boolean {
  return code === undefined && file === undefined && process.stdin.isTTY === true
}

/** Connects and loads the models at the same time; a protected connection is read-only unless a reason is given. */
export async function openConsole(workspace: Workspace, flags: ReplFlags, root: string): Promise<OpenedConsole> {
  const address = await workspace.address()
  const [project] = await Promise.all([loadProject(workspace, flags.models), workspace.connect()])
  const open = connection()
  hideInsides()
  const { version } = await open.db.admin().buildInfo()
  const session = new Session({
    connection: open,
    address,
    mode: await modeOf(workspace, address, flags),
    reason: flags.write,
    models: project.models,
  })
  const notices: unknown[] = []
  if (flags.sandbox)
    await session.enterSandbox().catch(error => {
      if (!isAtTerminal(flags)) throw error
      notices.push(error)
    })
  const names = new Names({ root: workspace.root, importModule: name => importIn(workspace.root, project, name) })
  for (const [name, value] of scopeOf(session, project.models)) names.define(name, value)
  const about = { version: versionOf(root), server: `MongoDB ${String(version)}` }
  return { workspace, flags, session, project, names, about, notices }
}

async function modeOf(workspace: Workspace, address: Address, flags: ReplFlags): Promise<'read-only' | 'write'> {
  if (flags.write === undefined) return address.isProtected || flags['read-only'] ? 'read-only' : 'write'
  if (!address.isProtected) return 'write'
  if (isAssistant())
    throw new GooseError('READ_ONLY', {
      action: 'writing from the console',
      reason: `${address.name} is protected, and an assistant runs this`,
      hint: 'plan it with `goose bulk update … --dry-run`, for a person to apply',
    })
  await requireConsent(workspace, flags, { action: 'write', token: address.name, isReversible: true })
  return 'write'
}

function versionOf(root: string): string {
  return String((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: unknown }).version)
}
