// Writes the first files of a project; never over one that is there.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Answer } from './answer.ts'
import { usage } from './flags.ts'
import { defaultGlobs, modelFiles } from './model-files.ts'

/** What a project starts with. */
interface Start {
  /** The name of its first model, where one is asked for. */
  readonly model: string | undefined
  /** Where its models lie, where a configuration says so. */
  readonly globs: string | readonly string[] | undefined
  /** How goose is typed here. */
  readonly program: string
}

/** Writes goose.config.ts and a model into a folder, and says what to type next; where there are models, it adds none unasked. */
export function startProject(folder: string, { model, globs = defaultGlobs, program }: Start): Answer {
  if (model !== undefined && !/^[A-Z][A-Za-z0-9]*$/.test(model))
    throw usage(`"${model}" is no name for a model`, 'name it like a class: User, BlogPost')
  const there = modelFiles(folder, [globs].flat())
  const first = model ?? (there.length === 0 ? 'User' : undefined)
  const results = [
    written(join(folder, 'goose.config.ts'), configText(there.map(file => relative(folder, file))), folder),
    ...(first ? [written(join(folder, `models/${fileNameOf(first)}.ts`), modelText(first), folder)] : []),
    ...(first ? [] : there.map(file => ({ file: relative(folder, file), state: 'kept' as const }))),
  ]
  const next = first
    ? [
        `${program} indexes sync`,
        `${program} insert ${first} --set name=Ada --set email=ada@example.com`,
        `${program} find ${first}`,
      ]
    : [`${program} models`, `${program} doctor`]
  const text = [
    ...results.map(({ file, state }) => `${state.padEnd(8)} ${file}`),
    '',
    'Next:',
    ...next.map(line => `  ${line}`),
  ]
  return { kind: 'value', data: { files: results, next }, isText: true, text: text.join('\n') }
}

/** Writes a file where there is none, with the folders it is in. */
export function written(
  path: string,
  text: string,
  folder: string,
): { readonly file: string; readonly state: 'written' | 'kept' } {
  const file = relative(folder, path)
  if (existsSync(path)) return { file, state: 'kept' }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { flag: 'wx' })
  return { file, state: 'written' }
}

/** Gives the name of a model's file, without its ending: `BlogPost` -> `blog-post`. */
export function fileNameOf(model: string): string {
  return model.replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase()
}

/** Writes a configuration that finds the models that are there. */
function configText(files: readonly string[]): string {
  const folder = files.some(file => file.startsWith('src/')) ? 'src/models' : 'models'
  const ending = files.every(file => file.endsWith('.ts')) ? 'ts' : '{ts,mts,cts,js,mjs,cjs}'
  const glob = files.length === 0 ? 'models/*.ts' : `${folder}/**/*.${ending}`
  return `import { defineConfig } from 'goose-odm'

// Without a connection, data is kept in .goose/data by the embedded database.
export default defineConfig({
  models: '${glob}',
})
`
}

function modelText(name: string): string {
  return `import { model, timestamps, z } from 'goose-odm'

export class ${name} extends model(
  '${name}',
  {
    name: z.string().min(1),
    email: z.email(),
  },
  { plugins: [timestamps()], indexes: [{ key: { email: 1 }, unique: true }] },
) {}
`
}
