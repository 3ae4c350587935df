// How a file is imported, as it is asked for and kept with the run.
import type { FileFormat } from './formats/format.ts'
import type { ImportMode } from './import-write.ts'

/** How a file is imported; all of it is kept with the run. */
export interface ImportParameters {
  readonly path: string
  readonly format: FileFormat
  readonly mode: ImportMode
  readonly key: readonly string[]
  readonly validates: boolean
  readonly fillsDefaults: boolean
  readonly onError: 'stop' | 'skip'
  /** Where documents go that cannot be imported. */
  readonly rejects: string | null
  readonly parallel: number
}
