// Where and how an answer is printed: streams, format, colours and width.
import type { Sink } from './sink.ts'
import type { Style } from './style.ts'

/** The formats of `--output`. */
export const formats = ['table', 'wide', 'json', 'ndjson', 'csv', 'yaml', 'ejson'] as const
export type Format = (typeof formats)[number]

/** Where and how to print. */
export interface Page {
  readonly format: Format
  /** Whether the format was asked for, not only taken for lack of a terminal. */
  readonly isAsked: boolean
  readonly stdout: Sink
  /** Whether stdout is a terminal. */
  readonly isTerminal?: boolean
  readonly stderr: Sink
  readonly style: Style
  readonly talk: Style
  readonly width: number | undefined
  readonly isQuiet: boolean
  /** Whether a person reads stderr. */
  readonly isTalking: boolean
  /** Whether a pager has the terminal, and takes Ctrl-C for itself. */
  readonly isPaged: () => boolean
  readonly now: Date
}
