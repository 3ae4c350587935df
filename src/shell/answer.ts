// What a command answers: data with a shape, which the printer turns into a table, JSON or text.

/** A document or a line of a listing, as plain data. */
export type Row = Readonly<Record<string, unknown>>

/** A column of a table: a dotted path into the row, and the word above it. */
export interface Column {
  readonly path: string
  readonly head: string
}

/** What has been printed when the footer is written. */
export interface Printed {
  readonly rows: number
  /** How long it took, for people only: programs compare what they are told. */
  readonly time: string | undefined
}

/** Rows, printed bare: a table on a terminal, one JSON document per line in a pipe. */
export interface RowsAnswer {
  readonly kind: 'rows'
  readonly columns: readonly Column[]
  readonly rows: AsyncIterable<Row> | Iterable<Row>
  /** The sentence for stderr when nothing was printed. */
  readonly empty?: string
  footer?(printed: Printed): readonly string[] | Promise<readonly string[]>
  readonly exit?: number
}

/** One document, printed bare: field by field on a terminal, one JSON document in a pipe. */
export interface DocumentAnswer {
  readonly kind: 'document'
  readonly document: Row
  readonly columns: readonly Column[]
  readonly footer?: () => readonly string[]
  readonly exit?: number
}

/** A small result: text for people, `{ ok, data }` for programs. */
export interface ValueAnswer {
  readonly kind: 'value'
  readonly data: unknown
  readonly text: string
  /** Whether the text is what a pipe gets too, unless a format is asked for: a path, a picture, a script. */
  readonly isText?: boolean
  readonly footer?: () => readonly string[]
  readonly exit?: number
}

/** Data in a format of its own, passed on as it comes. */
export interface PiecesAnswer {
  readonly kind: 'pieces'
  readonly pieces: AsyncIterable<Buffer>
  /** Whether it is text, which a terminal may be shown. */
  readonly isText: boolean
  readonly footer?: () => readonly string[]
  readonly exit?: number
}

/** What a command answers. */
export type Answer = RowsAnswer | DocumentAnswer | ValueAnswer | PiecesAnswer
