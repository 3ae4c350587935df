// What a run is told and what it tells: controls, progress, the steps of its work, and how it ended.
import type { Counters, Note, RunState } from './run-document.ts'

/** How far a run has come. */
export interface RunProgress {
  readonly id: string
  /** What it does, for people. */
  readonly summary: string
  readonly total: number | null
  readonly counters: Counters
  /** Milliseconds since this process began to work at it. */
  readonly elapsed: number
  /** Documents this process has gone through. */
  readonly worked: number
}

/** What the one who started a run wants to know and to say while it goes on. */
export interface RunControls {
  /** Aborted when the run is to stop after the batch it is at. */
  readonly stop?: AbortSignal | undefined
  /** How long a lost connection is waited for, in milliseconds. */
  readonly patience?: number | undefined
  /** How long the lease lasts when the process dies, in milliseconds. */
  readonly leaseLasts?: number | undefined
  readonly onProgress?: ((run: RunProgress) => void) | undefined
  /** Is told what a job logs, and what a run waits for. */
  readonly onLog?: ((text: string) => void) | undefined
}

/** What a batch has done. */
export interface Step {
  readonly checkpoint: unknown
  /** Added to the counters of the run. */
  readonly counted?: Counters
  /** What was left or failed, for people; the first hundred are kept. */
  readonly noted?: readonly Note[]
  /** Whether there is nothing left to do. */
  readonly done?: boolean
  /** Whether the batch has kept this itself, by `run.keep` inside its transaction. */
  readonly isKept?: boolean
  /** What the limit of documents in a second counts; `counted.matched` otherwise. */
  readonly documents?: number
}

/** How a run has ended, or where it has stopped. */
export interface RunEnding {
  readonly run: string
  readonly operation: string
  readonly kind: string
  readonly model: string | null
  readonly summary: string
  readonly state: RunState
  /** Why it quit: `no more documents`, `run time`, `stopped`, `cancelled`. */
  readonly why: string
  readonly isComplete: boolean
  readonly counters: Counters
  /** Milliseconds by step. */
  readonly times: Counters
  readonly total: number | null
  /** What was left or failed; at most a hundred. */
  readonly noted: readonly Note[]
  readonly milliseconds: number
}
