// Imports documents of a file or of stdin into a model, and tells of each that does not fit.

import { type FileFormat, formatOfName } from '../operations/formats/format.ts'
import { startImport } from '../operations/import.ts'
import type { Reject } from '../operations/import-rejects.ts'
import type { ImportMode } from '../operations/import-write.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import type { LoadedModel } from './models.ts'
import { pathsOf } from './question.ts'
import { askedOf, carryOut, type RunningFlags } from './running.ts'
import { fieldAt } from './typed.ts'
import type { Workspace } from './workspace.ts'

/** The flags of import. */
export interface ImportFlags extends RunningFlags, ConsentFlags {
  readonly file: string
  readonly format?: FileFormat | undefined
  readonly mode: ImportMode
  readonly key: string
  readonly validate: boolean
  readonly defaults?: boolean | undefined
  readonly 'on-error': string
  readonly parallel: number
}

const SHOWN = 20

/** Imports what a file holds. Throws `INPUT_INVALID` at the first document that does not fit, unless told to go on. */
export async function importDocuments(loaded: LoadedModel, workspace: Workspace, flags: ImportFlags): Promise<Answer> {
  const { name, model } = loaded
  const { file: path, mode } = flags
  const key = pathsOf(flags.key)
  for (const one of key) fieldAt(model.definition, one)
  const onError = errorsOf(flags)
  const action = `import ${name} from ${path === '-' ? 'stdin' : path}, mode ${mode}`
  await requireConsent(workspace, flags, { action, token: name, isReversible: mode !== 'delete' })
  const parameters = {
    ...onError,
    path,
    mode,
    key,
    format: flags.format ?? (path === '-' ? undefined : formatOfName(path)),
    validates: flags.validate,
    fillsDefaults: flags.defaults === true,
    parallel: flags.parallel,
  }
  let told = 0
  const onReject = ({ line, problem }: Reject) => {
    told += 1
    if (told <= SHOWN && onError.onError === 'skip') process.stderr.write(`line ${line}: ${problem}\n`)
    if (told === SHOWN + 1) process.stderr.write('more documents do not fit; --on-error file:PATH keeps them all\n')
  }
  return carryOut(flags, controls =>
    startImport(model.definition, parameters, { asked: askedOf(flags), controls, onReject }),
  )
}

function errorsOf(flags: ImportFlags): { readonly onError: 'stop' | 'skip'; readonly rejects: string | null } {
  const asked = flags['on-error']
  if (asked === 'stop' || asked === 'skip') return { onError: asked, rejects: null }
  if (asked.startsWith('file:') && asked.length > 5) return { onError: 'skip', rejects: asked.slice(5) }
  throw usage(`--on-error knows no "${asked}"`, 'take stop, skip or file:PATH')
}
