// Runs that can be taken up again: for each kind, what goes on with a stored one.
import { GooseError } from '../errors.ts'
import { modelNamed } from '../models/registry.ts'
import { resumeRun } from './run.ts'
import type { RunRequest } from './run-document.ts'
import { storedRun } from './run-document.ts'
import type { RunControls, RunEnding } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** Goes on with a run that has been taken up. */
export type GoOn = (run: Run) => Promise<RunEnding>

// Each kind is loaded when it is needed.
const kinds: Readonly<Record<string, () => Promise<GoOn>>> = {
  'bulk update': async () => (await import('./bulk-work.ts')).goOn,
  'bulk delete': async () => (await import('./bulk-work.ts')).goOn,
  undo: async () => (await import('./undo.ts')).goOn,
  archive: async () => (await import('./archive.ts')).resumeArchive,
  'archive restore': async () => (await import('./archive-restore.ts')).resumeRestore,
  purge: async () => (await import('./purge.ts')).resumePurge,
  script: async () => (await import('./script.ts')).goOn,
  import: async () => (await import('./import.ts')).goOn,
}

/** Says whether runs of a kind can be taken up again. */
export function isResumable(kind: string): boolean {
  return kind in kinds
}

/** Takes up a run and goes on with it to its end. Throws `RUN_REFUSED` for what cannot be resumed here. */
export async function resume(
  alias: string,
  id: string,
  controls: RunControls & Pick<RunRequest, 'onLocked'> = {},
): Promise<RunEnding> {
  const { _id, kind, model } = await storedRun(alias, id)
  const load = kinds[kind]
  if (!load)
    throw new GooseError('RUN_REFUSED', { run: _id, reason: `${kind} cannot be resumed`, hint: 'start it again' })
  // Whoever does not know the model leaves the run as it is.
  if (model !== null) modelNamed(model)
  const goOn = await load()
  return goOn(await resumeRun(alias, _id, controls))
}
