// Opens a session of the console: connection, models, and what may be written.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connection } from '../../runtime/connection.ts'
import type { ConsentFlags } from '../consent.ts'
import { requireConsent } from '../consent.ts'
import type { OutputFlags } from '../terminal.ts'
import type { Workspace, WorkspaceFlags } from '../workspace.ts'
import { type LoadedProject, loadProject } from './project.ts'
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
  readonly about: { readonly version: string; readonly server: string }
}

/** Connects and loads the models at the same time; a protected connection is read-only unless a reason is given. */
export async function openConsole(workspace: Workspace, flags: ReplFlags, root: string): Promise<OpenedConsole> {
  const address = await workspace.address()
  const [project] = await Promise.all([loadProject(workspace, flags.models), workspace.connect()])
  const open = connection()
  const { version } = await open.db.admin().buildInfo()
  if (flags.write !== undefined && address.isProtected)
    await requireConsent(workspace, flags, { action: 'write', token: address.name, isReversible: true })
  const mayWrite = flags.write !== undefined || (!address.isProtected && !flags['read-only'])
  const session = new Session({
    connection: open,
    address,
    mode: mayWrite ? 'write' : 'read-only',
    reason: flags.write,
  })
  if (flags.sandbox) await session.enterSandbox()
  return {
    workspace,
    flags,
    session,
    project,
    about: { version: versionOf(root), server: `MongoDB ${String(version)}` },
  }
}

function versionOf(root: string): string {
  return String((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: unknown }).version)
}
