// Inserts documents typed on the command line, in a file, or on stdin.
import { auditContext } from '../runtime/context.ts'
import { actorOf } from './actor.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, canFill, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { missingUnique } from './indexing.ts'
import { parseDocuments } from './input.ts'
import type { AnyDocument, LoadedModel } from './models.ts'
import { rowOf } from './row.ts'
import { assignments, typedDocument } from './typed.ts'
import type { Workspace } from './workspace.ts'

/** The flags of insert. */
export interface InsertFlags extends ConsentFlags {
  readonly 'dry-run'?: boolean | undefined
  readonly reason?: string | undefined
  readonly set?: readonly string[] | undefined
  readonly data?: string | undefined
  readonly color?: boolean | undefined
}

/** Inserts what the flags hold; one document is answered whole, several by their number and ids. */
export async function insertDocuments(loaded: LoadedModel, workspace: Workspace, flags: InsertFlags): Promise<Answer> {
  const write = (inputs: readonly Data[]) => writeAll(loaded, workspace, { inputs, flags })
  const given = givenIn(loaded, flags)
  return given ? write(given) : askAndWrite(loaded, flags, write)
}

interface Writing {
  readonly inputs: readonly Data[]
  readonly flags: InsertFlags
}

async function writeAll(loaded: LoadedModel, workspace: Workspace, { inputs, flags }: Writing): Promise<Answer> {
  const what = `${inputs.length} ${loaded.name}`
  if (flags['dry-run']) return { kind: 'value', data: { inserted: 0, documents: inputs }, text: `would insert ${what}` }
  await requireConsent(workspace, flags, { action: `insert ${what}`, token: loaded.name, isReversible: true })
  const inserted: AnyDocument[] = []
  for (const batch of batches(inputs, 500))
    inserted.push(...(await auditContext.run(actorOf(flags), () => insertBatch(loaded, batch))))
  const [only] = inserted
  const said = [`inserted ${inserted.length} ${loaded.name}`, ...(await missingUnique(loaded))]
  if (inserted.length === 1 && only) {
    const document = rowOf(only)
    const columns = Object.keys(document).map(path => ({ path, head: path }))
    return { kind: 'document', document, columns, footer: () => said }
  }
  const [text = '', ...footer] = said
  const data = { inserted: inserted.length, ids: inserted.map(document => document._id) }
  return { kind: 'value', data, text, footer: () => footer }
}

type Data = Readonly<Record<string, unknown>>

/** Gives the documents that the flags hold; none where they hold nothing at all. */
function givenIn(loaded: LoadedModel, { set = [], data }: InsertFlags): readonly Data[] | undefined {
  if (set.length === 0 && data === undefined) return undefined
  const { definition } = loaded.model
  const assigned = assignments(set, definition)
  if (data === undefined) return [assigned]
  return parseDocuments(data).map(document => ({ ...typedDocument(document, definition), ...assigned }))
}

/** Asks for a document and writes it; what is refused is asked for again. */
async function askAndWrite(
  loaded: LoadedModel,
  flags: InsertFlags,
  write: (inputs: readonly Data[]) => Promise<Answer>,
): Promise<Answer> {
  if (!canFill(flags))
    throw usage(`there is nothing to insert into ${loaded.name}`, "give --set path=value, or --data '{…}', @file or -")
  const { fillForm } = await import('./prompts/form.ts')
  const { styleOf } = await import('./output/style.ts')
  const style = styleOf({ flag: flags.color, env: process.env, stream: process.stderr })
  return fillForm(loaded, style, input => write([input]))
}

async function insertBatch({ model }: LoadedModel, batch: readonly Data[]): Promise<readonly AnyDocument[]> {
  const [only] = batch
  return batch.length === 1 && only ? [await model.create(only)] : model.insertMany(batch)
}

function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}
