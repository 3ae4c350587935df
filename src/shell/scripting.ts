// Maintenance scripts at a prompt or in cron: loaded like model files, with a lock and a heartbeat.
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Job } from '../models/job.ts'
import { loadScriptsBy, runScript } from '../operations/script.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { askedOf, carryOut, type RunningFlags } from './running.ts'
import type { Workspace } from './workspace.ts'

/** The flags of run. */
export interface ScriptFlags extends RunningFlags, ConsentFlags {
  readonly resume?: boolean | undefined
}

/** Runs a script and answers how it has ended. */
export async function runFile(
  workspace: Workspace,
  script: { readonly file: string; readonly args: readonly string[] },
  flags: ScriptFlags,
): Promise<Answer> {
  const file = resolve(script.file)
  await workspace.models()
  const job = await loadJob(workspace, file)
  await workspace.connect()
  await requireConsent(workspace, flags, { action: `run ${job.name}`, token: job.name, isReversible: true })
  const { limits, ...asked } = askedOf(flags)
  const request = { job, file, args: script.args, resume: flags.resume, ...asked, ...(limits ? { limits } : {}) }
  return carryOut(flags, controls => runScript(request, controls))
}

/** Lets runs of scripts be taken up: their files are loaded as this project's. */
export function resumeScriptsOf(workspace: Workspace): void {
  loadScriptsBy(file => loadJob(workspace, file))
}

async function loadJob(workspace: Workspace, file: string): Promise<Job> {
  if (!existsSync(file)) throw usage(`there is no script ${file}`, 'give the path of a file')
  const { default: job } = await workspace.load(file)
  if (isJob(job)) return job
  const hint = "write: export default defineJob({ name: 'nightly', async run({ step }) { … } })"
  throw usage(`${basename(file)} exports no job`, hint)
}

function isJob(value: unknown): value is Job {
  const { name, run } = (value ?? {}) as Partial<Job>
  return typeof name === 'string' && /^[\w.:-]+$/.test(name) && typeof run === 'function'
}
