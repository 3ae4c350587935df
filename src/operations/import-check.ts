// Reads a file as an import would, and writes nothing: how many documents it holds, and which do not fit.
import type { RuntimeModel } from '../runtime/document.ts'
import type { FileFormat } from './formats/format.ts'
import type { ImportParameters } from './import-parameters.ts'
import { readingOf } from './import-reading.ts'
import type { Reject } from './import-rejects.ts'
import { openSource, START } from './import-source.ts'

/** What a file holds. */
export interface ImportCheck {
  readonly format: FileFormat
  readonly documents: number
  readonly failed: number
}

const BATCH = 1000

/** Reads a file to its end; what does not fit is told, one after the other. Throws `FILE_FAILED`, `USAGE`. */
export async function checkImport(
  model: RuntimeModel,
  parameters: Omit<ImportParameters, 'format'> & { readonly format: FileFormat | undefined },
  onReject: (reject: Reject) => void,
): Promise<ImportCheck> {
  const source = await openSource(model.definition, parameters.path, parameters)
  const { format } = source
  const reading = readingOf(source, { ...parameters, format, model, seed: 'check' }, { count: BATCH })
  let [documents, failed] = [0, 0]
  try {
    for (let found = await reading.next(START); found.length > 0; ) {
      for (const { entry, problem } of found) {
        if (problem === undefined) continue
        failed += 1
        onReject({ line: entry.line, problem, source: entry.source })
      }
      documents += found.length
      found = await reading.next({ ...START, entries: documents })
    }
  } finally {
    await reading.close()
  }
  return { format, documents, failed }
}
