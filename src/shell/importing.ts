// Imports documents of a file or of stdin into a model, and tells of each that does not fit.

import { type FileFormat, formatOfName } from '../operations/formats/format.ts'
import { startImport } from '../operations/import.ts'
import { checkImport } from '../operations/import-check.ts'
import type { Reject } from '../operations/import-rejects.ts'
import type { ImportMode } from '../operations/import-write.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { grouped } from './amounts.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import type { LoadedModel } from './models.ts'
import { escapeControl } from './output/escape.ts'
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
  readonly 'dry-run'?: boolean | undefined
}

const SHOWN = 20

/** Imports what a file holds. Throws `INPUT_INVALID` at the first document that does not fit, unless told to go on. */
export async function importDocuments(loaded: LoadedModel, workspace: Workspace, flags: ImportFlags): Promise<Answer> {
  const { name, model } = loaded
  const { file: path, mode } = flags
  const key = pathsOf(flags.key)
  for (const one of key) fieldAt(model.definition, one)
  const onError = errorsOf(flags)
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
  const action = `import ${name} from ${path === '-' ? 'stdin' : path}, mode ${mode}`
  if (flags['dry-run']) return checked(loaded, parameters, { action, onReject: rejectTeller(parameters.format) })
  await requireConsent(workspace, flags, { action, token: name, isReversible: mode !== 'delete' })
  const onReject = onError.onError === 'skip' ? rejectTeller(parameters.format) : () => {}
  return carryOut(flags, controls =>
    startImport(model.definition, parameters, { asked: askedOf(flags), controls, onReject }),
  )
}

type Checked = Parameters<typeof checkImport>[1]

async function checked(
  { name, model }: LoadedModel,
  parameters: Checked,
  { action, onReject }: { readonly action: string; readonly onReject: (reject: Reject) => void },
): Promise<Answer> {
  const found = await checkImport(model as unknown as RuntimeModel, parameters, onReject)
  const { documents, failed, format } = found
  const misfits = failed === 0 ? '' : `; ${grouped(failed)} do not fit`
  return {
    kind: 'value',
    data: { model: name, ...found },
    text: `PLAN ${action}: ${grouped(documents)} documents of ${format}${misfits}`,
    footer: () => ['nothing changed'],
    exit: failed === 0 ? 0 : parameters.onError === 'stop' ? 11 : 6,
  }
}

// The first are told; the rest can be kept in a file.
function rejectTeller(format: FileFormat | undefined): (reject: Reject) => void {
  const word = format === 'bson' ? 'document' : 'line'
  let told = 0
  return ({ line, problem }) => {
    told += 1
    if (told <= SHOWN) process.stderr.write(`${word} ${line}: ${escapeControl(problem)}\n`)
    if (told === SHOWN + 1) process.stderr.write('more documents do not fit; --on-error file:PATH keeps them all\n')
  }
}

function errorsOf(flags: ImportFlags): { readonly onError: 'stop' | 'skip'; readonly rejects: string | null } {
  const asked = flags['on-error']
  if (asked === 'stop' || asked === 'skip') return { onError: asked, rejects: null }
  if (asked.startsWith('file:') && asked.length > 5) return { onError: 'skip', rejects: asked.slice(5) }
  throw usage(`--on-error knows no "${asked}"`, 'take stop, skip or file:PATH')
}
