// What init says of the models it told from a database: each file, what is uncertain, and what was left out.
import type { Inference, InferredModel } from '../operations/inference.ts'
import { grouped } from './amounts.ts'
import type { Answer } from './answer.ts'

/** What became of a file, and the model it is for. */
export interface Result {
  readonly file: string
  readonly state: 'written' | 'kept' | 'new'
  readonly model?: InferredModel
  /** What would be written. */
  readonly text?: string
}

interface Telling {
  readonly program: string
  readonly isPreview: boolean
}

/** Answers with all files; a preview shows what would be in them. */
export function tellInference({ leftOut }: Inference, results: readonly Result[], telling: Telling): Answer {
  const { program, isPreview } = telling
  const next = isPreview ? ['init --from-database'] : ['models', 'models check', 'indexes diff']
  const commands = next.map(words => `${program} ${words}`)
  const sources = results.flatMap(({ file, text }) => (text === undefined ? [] : [`// ${file}`, text]))
  const left = leftOut.map(({ collection, reason }) => `  ${collection}: ${reason}`)
  const text = [
    ...sources,
    ...aligned(results.map(({ state, file, model }) => [state, file, model ? sentenceOf(model) : ''])),
    ...(left.length > 0 ? ['', 'Left out:', ...left] : []),
    '',
    'Next:',
    ...commands.map(line => `  ${line}`),
  ]
  const files = results.map(({ model, ...file }) => ({ ...file, ...(model ? amountsOf(model) : {}) }))
  return { kind: 'value', data: { files, leftOut, next: commands }, isText: true, text: text.join('\n') }
}

function amountsOf({ name, collection, read, total }: InferredModel): object {
  return { model: name, collection, read, total }
}

function sentenceOf({ name, collection, read, total, fields }: InferredModel): string {
  const noun = total === 1 ? 'document' : 'documents'
  const amount = read === total ? `${grouped(total)} ${noun}` : `${grouped(read)} of ${grouped(total)} ${noun}`
  const uncertain = fields.filter(({ notes }) => notes.length > 0).map(field => field.name)
  return `${name} from ${collection}, ${amount}${uncertain.length > 0 ? `; look at ${uncertain.join(', ')}` : ''}`
}

function aligned(rows: readonly (readonly [state: string, file: string, sentence: string])[]): readonly string[] {
  const states = Math.max(...rows.map(([state]) => state.length))
  const files = Math.max(...rows.map(([, file]) => file.length))
  return rows.map(([state, file, said]) => `${state.padEnd(states)}  ${file.padEnd(files)}  ${said}`.trimEnd())
}
